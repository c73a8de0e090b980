"""Schemathesis asks what the OpenAPI document allows, and what it does not, and checks every answer against it."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

# Texts whose grammar OpenAPI cannot tell: what it allows may be no filter, no moment, no box.
GRAMMARS = ("filter", "datetime", "bbox")
few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def operations(app):
    document = schemathesis.openapi.from_wsgi("/ogc/api", app)
    found = [result.ok() for result in document.get_all_operations()]
    assert len(found) > 20
    return found


def test_what_the_document_allows_is_answered_as_it_says(operations):
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    for operation in operations:

        @few
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
        def ask(case):
            case.call_and_validate(excluded_checks=[positive_data_acceptance])
            case.query = {name: value for name, value in (case.query or {}).items() if name not in GRAMMARS}
            case.call_and_validate()

        ask()


def test_what_the_document_does_not_allow_is_refused(operations):
    for operation in operations:

        @few
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
        def ask(case):
            # Features, part 1, 7.15.2: a limit above the maximum is no error, it is lowered.
            assume("limit" not in (case.query or {}) or len(str(case.query["limit"])) < 4)
            case.call_and_validate()

        ask()
