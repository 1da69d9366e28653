"""Drives examples/python/push_and_pull.py against a running gateway and holds it to what it must answer.

Usage: check.py PARTNER_PROFILE SCHEDULE PRISON_PROFILE. The gateway knows the agencies, their agreement, the
open programme and the trainers; whether the schedule has been pushed before does not matter.
"""

import itertools
import pathlib
import sys
import uuid

import grpc
import push_and_pull
from gerbang.v1 import assignment_pb2, common_pb2, schedule_pb2

CREATED, UNCHANGED = common_pb2.ITEM_OUTCOME_CREATED, common_pb2.ITEM_OUTCOME_UNCHANGED


def seconds(time):
    return time.seconds


def check_push(channel, schedule):
    request, answer = push_and_pull.push(channel, schedule)
    assert answer.outcome in (common_pb2.BATCH_OUTCOME_STORED, common_pb2.BATCH_OUTCOME_UNCHANGED), answer
    assert [result.uid for result in answer.results] == [session.uid for session in request.sessions], answer
    assert all(result.outcome in (CREATED, UNCHANGED) and result.etag for result in answer.results), answer

    _, again = push_and_pull.push(channel, schedule)
    assert again.outcome == common_pb2.BATCH_OUTCOME_UNCHANGED, again
    assert not again.entry, again
    return request


def check_pull(channel, request):
    start = min((session.starts_at for session in request.sessions), key=seconds)
    end = max((session.ends_at for session in request.sessions), key=seconds)
    items = list(push_and_pull.pull(channel, start, end, page_size=3))
    names = [item.name for item in items]
    assert len(set(names)) == len(names), "an assignment came twice"
    order = [(item.starts_at.seconds, item.session, item.role) for item in items]
    assert order == sorted(order), "the assignments are not ordered by start and session, LEAD first"

    pulled = {
        (item.session_uid, item.trainer, item.role, item.starts_at.seconds, item.ends_at.seconds)
        for item in items
        if item.state == assignment_pb2.ASSIGNMENT_STATE_PROPOSED
    }
    for session in request.sessions:
        for part in session.trainers:
            wanted = (session.uid, part.trainer, part.role, session.starts_at.seconds, session.ends_at.seconds)
            assert wanted in pulled, f"not among the assignments: {wanted}"
    return items


def check_refusal(channel, request):
    """The prison leads no partner's programme."""
    try:
        stub = push_and_pull.schedule_pb2_grpc.ScheduleServiceStub(channel)
        foreign = schedule_pb2.PushScheduleRequest()
        foreign.CopyFrom(request)
        foreign.request_id = "0d2f4a46-1d8e-4f0e-8a55-6a1a3c7f5b21"
        stub.PushSchedule(foreign, timeout=30)
    except grpc.RpcError as refused:
        assert refused.code() == grpc.StatusCode.PERMISSION_DENIED, refused
        assert push_and_pull.refusal(refused) == ("RELATION_NOT_ALLOWED", []), push_and_pull.refusal(refused)
    else:
        raise AssertionError("the prison pushed a partner's schedule")


def check_details(channel):
    """What is wrong stands in the details, and the first of it in the message, in the language asked for."""
    stub = push_and_pull.schedule_pb2_grpc.ScheduleServiceStub(channel)
    empty = schedule_pb2.PushScheduleRequest(request_id="0d2f4a46-1d8e-4f0e-8a55-6a1a3c7f5b22")
    try:
        stub.PushSchedule(empty, timeout=30, metadata=[("accept-language", "id")])
    except grpc.RpcError as refused:
        reason, fields = push_and_pull.refusal(refused)
        assert reason == "FIELDS_INVALID", reason
        assert ("name", "FIELD_REQUIRED") in fields and len(fields) > 2, fields
        path, why = fields[0]
        assert f" {path}: " in refused.details() and f"({why})" in refused.details(), refused.details()
        assert refused.details().endswith(f" Dan {len(fields) - 1} lainnya."), refused.details()
    else:
        raise AssertionError("an empty push was taken")


def check_series(channel, request):
    """By one stream: what is stored is answered, and the first push that is refused says why, however much is sent behind it."""
    stub = push_and_pull.schedule_pb2_grpc.ScheduleServiceStub(channel)

    def part(times=1, **change):
        sessions = list(request.sessions) * times
        values = {"name": request.name, "programme": request.programme, "time_zone": request.time_zone, **change}
        return schedule_pb2.PushScheduleRequest(request_id=str(uuid.uuid4()), sessions=sessions, **values)

    for before in (0, 1, 2):
        wrong = part(programme=request.programme + "-none")
        behind = (part(times=800 // len(request.sessions)) for _ in range(100))
        sent = itertools.chain((part() for _ in range(before)), [wrong], behind)
        outcomes = []
        try:
            for answer in stub.PushSessions(sent, metadata=[("accept-language", "en")]):
                outcomes.append(answer.outcome)
        except grpc.RpcError as refused:
            assert refused.code() == grpc.StatusCode.NOT_FOUND, refused
            assert push_and_pull.refusal(refused) == ("NOT_FOUND", []), push_and_pull.refusal(refused)
        else:
            raise AssertionError("a push to no programme was taken")
        assert outcomes == [common_pb2.BATCH_OUTCOME_UNCHANGED] * before, outcomes


def main(partner_profile, schedule, prison_profile):
    with push_and_pull.connect(pathlib.Path(partner_profile)) as channel:
        request = check_push(channel, pathlib.Path(schedule))
        check_details(channel)
        check_series(channel, request)
    with push_and_pull.connect(pathlib.Path(prison_profile)) as channel:
        items = check_pull(channel, request)
        check_refusal(channel, request)
    print(f"ok: {len(request.sessions)} sessions pushed, {len(items)} assignments pulled")


if __name__ == "__main__":
    main(*sys.argv[1:])
