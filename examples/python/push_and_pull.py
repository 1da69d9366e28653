"""A client of Gerbang without any of Gerbang's code: a partner pushes a schedule, the prison pulls assignments.

The stubs come from the contract, with stock tools:

    gerbang contract export contract
    pip install -r examples/python/requirements.txt
    mkdir stubs
    python -m grpc_tools.protoc -I contract --python_out=stubs --grpc_python_out=stubs \\
        $(cd contract && find * -name '*.proto')
    PYTHONPATH=stubs python examples/python/push_and_pull.py \\
        .gerbang/profiles/blk.toml .gerbang/story/schedules/blk-las.json .gerbang/profiles/lapas.toml
"""

import pathlib
import sys
import tomllib
import uuid

import grpc
from gerbang.v1 import assignment_pb2, assignment_pb2_grpc, common_pb2, schedule_pb2, schedule_pb2_grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2


def connect(profile_file):
    profile = tomllib.loads(profile_file.read_text())
    ca, key, certificate = (profile_file.parent / profile[file] for file in ("ca", "key", "certificate"))
    credentials = grpc.ssl_channel_credentials(ca.read_bytes(), key.read_bytes(), certificate.read_bytes())
    options = [("grpc.ssl_target_name_override", profile["server_name"])]
    return grpc.secure_channel(profile["address"].removeprefix("https://"), credentials, options)


def push(channel, schedule_file):
    request = schedule_pb2.PushScheduleRequest(request_id=str(uuid.uuid4()))
    json_format.Parse(schedule_file.read_text(), request)
    return request, schedule_pb2_grpc.ScheduleServiceStub(channel).PushSchedule(request, timeout=30)


def pull(channel, start, end, page_size=100):
    service = assignment_pb2_grpc.AssignmentServiceStub(channel)
    request = assignment_pb2.ListTrainerAssignmentsRequest(range_start=start, range_end=end, page_size=page_size)
    while True:
        page = service.ListTrainerAssignments(request, timeout=30)
        yield from page.assignments
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def refusal(error):
    """The stable reason of a refused call, then what is wrong with each field: (path, reason) pairs.

    Program against the reason; the status message is for people. No reason at all means that no gateway answered.
    """
    details = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    reason, fields = None, []
    for detail in status_pb2.Status.FromString(details[0]).details if details else ():
        info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(bad_request):
            fields = [(violation.field, violation.reason) for violation in bad_request.field_violations]
    return reason, fields


def main(partner_profile, schedule_file, prison_profile):
    with connect(pathlib.Path(partner_profile)) as channel:
        request, answer = push(channel, pathlib.Path(schedule_file))
    print("push:", common_pb2.BatchOutcome.Name(answer.outcome))
    for result in answer.results:
        why = (f"{error.field}: {error.text} ({error.reason})" for error in result.errors)
        print(" ", result.uid, common_pb2.ItemOutcome.Name(result.outcome), *why)
    if answer.outcome == common_pb2.BATCH_OUTCOME_REJECTED:
        sys.exit(1)

    start = min((session.starts_at for session in request.sessions), key=lambda time: time.seconds)
    end = max((session.ends_at for session in request.sessions), key=lambda time: time.seconds)
    with connect(pathlib.Path(prison_profile)) as channel:
        for item in pull(channel, start, end):
            print(item.starts_at.ToJsonString(), item.trainer_display_name, "|", item.programme_title, "|", item.topic)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: push_and_pull.py PARTNER_PROFILE SCHEDULE PRISON_PROFILE")
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        reason, fields = refusal(error)
        print(f"refused: {reason or error.code().name} {error.details()}", file=sys.stderr)
        sys.exit("\n".join(f"  {path}: {why}" for path, why in fields) or 1)
