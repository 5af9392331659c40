"""How far the analysis of a citizen's report is, whichever of several servers runs it.

In: a report. Out: its state, and why it failed: by the ledger, in which every server chains how it ended; while
it is only asked for there, by the lease in the database and by what this server itself runs.
"""

from api.analyses import AnalysisState
from api.context import TAKEN_UP_WITHIN, Context
from cases.citizen.scene import analysis_told
from cases.clock import utc_now
from cases.faults import NotFoundError


def how_far(context: Context, report_id: str) -> tuple[AnalysisState, str]:
    """The state and the problem, empty unless it failed.

    Raises:
        NotFoundError: none was asked for, or not lately.
    """
    known = context.analyses.of(report_id)
    mine = known if known is not None and not known.elsewhere else None
    told = analysis_told(context.sessions, report_id=report_id, since=utc_now() - TAKEN_UP_WITHIN)
    if told is not None and told.state != "asked":
        return told.state, told.problem
    if mine is not None and (told is None or mine.state == "running"):
        return mine.state, mine.problem
    if context.leases.running(report_id):
        return "running", ""
    if told is None:
        raise NotFoundError(f"report {report_id}: no analysis was asked for lately")
    return "waiting", ""
