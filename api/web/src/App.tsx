// Which address shows which page.

import { lazy, Suspense } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { Refusal, whenLoginNeeded } from "./api/client";
import { LoginPage } from "./login/LoginPage";
import { QueuePage } from "./queue/QueuePage";
import { ReviewPage } from "./review/ReviewPage";
import { MessageLine } from "./shell/message";
import { WithSession } from "./shell/session";

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
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/" component={QueuePage} />
        <Route path="/cases/:id">{({ id }) => <ReviewPage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/scenes/:camera?" component={ScenesPage} />
        <Route><Redirect to="/" /></Route>
      </Switch>
    </Suspense>
  );
}

export function App() {
  const [, go] = useLocation();
  whenLoginNeeded(() => {
    client.clear();
    go("/login");
  });
  return (
    <QueryClientProvider client={client}>
      <MessageLine />
      <Switch>
        <Route path="/login" component={LoginPage} />
        <Route>
          <WithSession otherwise={<Redirect to="/login" />}><Pages /></WithSession>
        </Route>
      </Switch>
    </QueryClientProvider>
  );
}
