// Which address shows which page.

import { lazy, Suspense } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { Refusal, whenLoginNeeded } from "./api/client";
import { LoginPage } from "./login/LoginPage";
import { ReplacePassword } from "./login/ReplacePassword";
import { QueuePage } from "./queue/QueuePage";
import { ReviewPage } from "./review/ReviewPage";
import { Guard } from "./shell/Guard";
import { MessageLine } from "./shell/message";
import { rememberPlace } from "./shell/return";
import { useSession, WithSession } from "./shell/session";

const CamerasPage = lazy(() => import("./cameras/CamerasPage"));
const ReportsPage = lazy(() => import("./reports/ReportsPage"));
const LawPage = lazy(() => import("./law/LawPage"));
const QualityPage = lazy(() => import("./quality/QualityPage"));
const AuditPage = lazy(() => import("./audit/AuditPage"));
const UsersPage = lazy(() => import("./users/UsersPage"));
const IntakePage = lazy(() => import("./intake/IntakePage"));
const ScenesPage = lazy(() => import("./scenes/ScenesPage"));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => error instanceof Refusal && error.problem.code === "network" && failures < 2,
      refetchOnWindowFocus: false,
      staleTime: 5000,
    },
  },
});

function Pages() {
  const reads = useSession().role !== "administrator";
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/">{reads ? <QueuePage /> : <Redirect to="/users" />}</Route>
        <Route path="/cases/:id">{({ id }) => <ReviewPage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/scenes/:camera?" component={ScenesPage} />
        <Route path="/intake/:id?" component={IntakePage} />
        <Route path="/cameras" component={CamerasPage} />
        <Route path="/reports" component={ReportsPage} />
        <Route path="/quality" component={QualityPage} />
        <Route path="/law" component={LawPage} />
        <Route path="/users" component={UsersPage} />
        <Route path="/audit" component={AuditPage} />
        <Route><Redirect to="/" /></Route>
      </Switch>
    </Suspense>
  );
}

export function App() {
  const [, go] = useLocation();
  whenLoginNeeded(() => {
    rememberPlace();
    client.clear();
    go("/login");
  });
  return (
    <QueryClientProvider client={client}>
      <MessageLine />
      <Guard>
      <Switch>
        <Route path="/login" component={LoginPage} />
        <Route>
          <WithSession due={(session) => <ReplacePassword session={session} />} otherwise={<Redirect to="/login" />}><Pages /></WithSession>
        </Route>
      </Switch>
      </Guard>
    </QueryClientProvider>
  );
}
