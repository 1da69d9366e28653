"""Asks a running gateway who each profile is, and prints system and role.

Usage: whoami.py PROFILE...
"""

import pathlib
import sys

import push_and_pull
from gerbang.v1 import access_pb2, agency_pb2, agency_pb2_grpc

for profile in sys.argv[1:]:
    with push_and_pull.connect(pathlib.Path(profile)) as channel:
        known = agency_pb2_grpc.AgencyServiceStub(channel).WhoAmI(agency_pb2.WhoAmIRequest(), timeout=30)
    print(known.system, access_pb2.Role.Name(known.role))
