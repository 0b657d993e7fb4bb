"""`wenbao refresh`: once, told on the terminal or to machines."""

import sys
from dataclasses import dataclass

from bot import console, reporting
from bot.errors import CheckFailed, EmptyCorpus
from bot.evaluation.check import Check
from bot.evaluation.judged import read_questions
from bot.wiring import Service


@dataclass(frozen=True, slots=True)
class Options:
    """What `wenbao refresh` was asked for; see its help."""

    dry_run: bool
    strict: bool
    check: bool
    json: bool


def refresh_once(service: Service, options: Options, *, full: bool) -> None:
    """Bring the index up to date and print what was done.

    Raises:
        CheckFailed: The new index answers the judged questions worse; that was printed.
        EmptyCorpus: There is no report; that is no index to be asked.
        WenbaoError: As Refresher.refresh.
    """
    gate = _gate(service) if options.check else None
    quiet = options.dry_run or not sys.stderr.isatty()
    try:
        with console.progress("building the index", quiet=quiet) as advance:
            done = service.refresh(
                full=full, dry_run=options.dry_run, strict=options.strict, advance=advance, check=gate
            )
    except KeyboardInterrupt:
        console.say("wenbao: interrupted; the index is as it was")
        raise
    except CheckFailed:
        if gate and gate.compared and options.json:
            console.print_json({"built": False, "check": reporting.check_json(gate.compared)})
        elif gate and gate.compared:
            console.print_lines(reporting.check_lines(gate.compared))
        raise
    compared = gate.compared if gate else None
    if options.json:
        console.print_json(reporting.refresh_json(done, compared))
    else:
        console.print_lines(reporting.refresh_lines(done, compared, dry_run=options.dry_run))
    sys.stdout.flush()
    if done.meta is not None and not done.meta.passages and not options.dry_run:
        raise EmptyCorpus(service.how_to_add_reports())


def _gate(service: Service) -> Check:
    """Return what a new index must pass: the home's judged questions."""
    judged = read_questions(service.home.config("questions.jsonl"))
    return Check(service, judged, margin=service.settings.index.check_margin)
