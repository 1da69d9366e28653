"""A client of Gerbang without any of Gerbang's code: a partner pushes a schedule, and pulls the assignments of its days.

The stubs come from the contract, with stock tools:

    gerbang contract export contract
    pip install -r examples/python/requirements.txt
    mkdir stubs
    python -m grpc_tools.protoc -I contract --python_out=stubs --grpc_python_out=stubs \\
        $(cd contract && find * -name '*.proto')
    PYTHONPATH=stubs python examples/python/push_and_pull.py \\
        .gerbang/profiles/blk.toml .gerbang/story/schedules/blk-las.json

With a second profile behind the schedule another system pulls, as the prison.
"""

import json
import os
import pathlib
import sys
import tomllib
import uuid

import grpc
from gerbang.v1 import assignment_pb2, assignment_pb2_grpc, common_pb2, schedule_pb2, schedule_pb2_grpc
from google.protobuf import json_format, message_factory
from google.rpc import error_details_pb2, status_pb2

# The language in which the gateway's texts are asked for: that of the environment's locale.
LOCALE = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
LANGUAGE = [("accept-language", "id" if LOCALE.startswith("id") else "en")]


def connect(profile_file):
    profile = tomllib.loads(profile_file.read_text())
    ca, key, certificate = (profile_file.parent / profile[file] for file in ("ca", "key", "certificate"))
    credentials = grpc.ssl_channel_credentials(ca.read_bytes(), key.read_bytes(), certificate.read_bytes())
    options = [("grpc.ssl_target_name_override", profile["server_name"])]
    return grpc.secure_channel(profile["address"].removeprefix("https://"), credentials, options)


def read_request(kind, file):
    """The request of a file. A ValueError with the file and the path of what is wrong: `sessions[0].sequence`."""
    try:
        value = json.loads(file.read_text())
        return json_format.ParseDict(value, kind())
    except (ValueError, json_format.ParseError) as error:
        place = misread(kind, value) if isinstance(error, json_format.ParseError) else None
        raise ValueError(f"{file}: {place or error}") from error


def misread(kind, value, within=""):
    """The path of the first value that a message does not take, and why: json_format does not always name the place."""
    for name, part in value.items() if isinstance(value, dict) else ():
        try:
            json_format.ParseDict({name: part}, kind())
        except json_format.ParseError as error:
            field = kind.DESCRIPTOR.fields_by_name.get(name)
            items = part if field and field.message_type and isinstance(part, list) else ()
            inner = (
                misread(message_factory.GetMessageClass(field.message_type), item, f"{within}{name}[{index}].")
                for index, item in enumerate(items)
            )
            return next(filter(None, inner), f"{within}{name}: {' '.join(str(error).split())}")
    return None


def push(channel, schedule_file):
    request = read_request(schedule_pb2.PushScheduleRequest, schedule_file)
    request.request_id = str(uuid.uuid4())
    service = schedule_pb2_grpc.ScheduleServiceStub(channel)
    return request, service.PushSchedule(request, timeout=30, metadata=LANGUAGE)


def pull(channel, start, end, page_size=100):
    service = assignment_pb2_grpc.AssignmentServiceStub(channel)
    request = assignment_pb2.ListTrainerAssignmentsRequest(range_start=start, range_end=end, page_size=page_size)
    while True:
        page = service.ListTrainerAssignments(request, timeout=30, metadata=LANGUAGE)
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


def main(profile, schedule_file, pull_profile=None):
    with connect(pathlib.Path(profile)) as channel:
        request, answer = push(channel, pathlib.Path(schedule_file))
    print("push:", common_pb2.BatchOutcome.Name(answer.outcome))
    for result in answer.results:
        why = (f"{error.field}: {error.text} ({error.reason})" for error in result.errors)
        print(" ", result.uid, common_pb2.ItemOutcome.Name(result.outcome), *why)
    if answer.outcome == common_pb2.BATCH_OUTCOME_REJECTED:
        sys.exit(1)

    start = min((session.starts_at for session in request.sessions), key=lambda time: time.seconds)
    end = max((session.ends_at for session in request.sessions), key=lambda time: time.seconds)
    with connect(pathlib.Path(pull_profile or profile)) as channel:
        for item in pull(channel, start, end):
            print(item.starts_at.ToJsonString(), item.trainer_display_name, "|", item.programme_title, "|", item.topic)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        print("usage: push_and_pull.py PROFILE SCHEDULE [PULL_PROFILE]", file=sys.stderr)
        sys.exit(2)
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        # Without a reason no gateway answered.
        reason, fields = refusal(error)
        said = f"refused: {reason}" if reason else f"failed: {error.code().name}"
        print(said, error.details(), file=sys.stderr)
        sys.exit("\n".join(f"  {path}: {why}" for path, why in fields) or 1)
    except KeyError as missing:
        sys.exit(f"failed: a profile lacks {missing}")
    except (OSError, ValueError) as error:
        sys.exit(f"failed: {error}")
