// A client of Gerbang with connect-node and stubs made by protoc: a partner pushes a schedule, the prison pulls
// assignments. docs/partners.md says how to make the stubs.
//
//     node examples/node/connect.js PARTNER_PROFILE SCHEDULE PRISON_PROFILE

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import { fromJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

import { readProfile } from "./profile.js";
import { AssignmentService } from "./stubs/gerbang/v1/assignment_pb.js";
import { BatchOutcome, BatchOutcomeSchema, ItemOutcomeSchema } from "./stubs/gerbang/v1/common_pb.js";
import { PushScheduleRequestSchema, ScheduleService } from "./stubs/gerbang/v1/schedule_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "./stubs/google/rpc/error_details_pb.js";

function connect(profileFile) {
  const { address, serverName, ca, certificate, key } = readProfile(profileFile);
  const baseUrl = `https://${address}`;
  const sessions = new Http2SessionManager(baseUrl, {}, { ca, cert: certificate, key, servername: serverName });
  const transport = createGrpcTransport({ baseUrl, sessionManager: sessions, defaultTimeoutMs: 30_000 });
  return { transport, close: () => sessions.abort() };
}

async function push(transport, scheduleFile) {
  const request = fromJson(PushScheduleRequestSchema, JSON.parse(readFileSync(scheduleFile, "utf8")));
  request.requestId = randomUUID();
  return [request, await createClient(ScheduleService, transport).pushSchedule(request)];
}

async function* pull(transport, rangeStart, rangeEnd) {
  const service = createClient(AssignmentService, transport);
  let pageToken = "";
  do {
    const page = await service.listTrainerAssignments({ rangeStart, rangeEnd, pageSize: 100, pageToken });
    yield* page.assignments;
    pageToken = page.nextPageToken;
  } while (pageToken);
}

async function main(partnerProfile, scheduleFile, prisonProfile) {
  const partner = connect(partnerProfile);
  const prison = connect(prisonProfile);
  try {
    const [request, answer] = await push(partner.transport, scheduleFile);
    console.log("push:", BatchOutcomeSchema.value[answer.outcome].name);
    for (const { uid, outcome, errors } of answer.results) {
      const why = errors.map(({ field, text, reason }) => `${field}: ${text} (${reason})`);
      console.log(" ", uid, ItemOutcomeSchema.value[outcome].name, ...why);
    }
    if (answer.outcome === BatchOutcome.REJECTED) return 1;
    const start = request.sessions.map((session) => session.startsAt).sort((a, b) => Number(a.seconds - b.seconds))[0];
    const end = request.sessions.map((session) => session.endsAt).sort((a, b) => Number(b.seconds - a.seconds))[0];
    for await (const item of pull(prison.transport, start, end)) {
      const from = timestampDate(item.startsAt).toISOString().replace(".000", "");
      console.log(from, item.trainerDisplayName, "|", item.programmeTitle, "|", item.topic);
    }
    return 0;
  } catch (error) {
    // A program goes by the reason, and people by the text.
    const refused = ConnectError.from(error);
    console.error("refused:", refused.findDetails(ErrorInfoSchema)[0]?.reason ?? "", refused.rawMessage);
    const wrong = refused.findDetails(BadRequestSchema).flatMap((details) => details.fieldViolations);
    for (const { field, reason } of wrong) console.error(`  ${field}: ${reason}`);
    return 1;
  } finally {
    partner.close();
    prison.close();
  }
}

const files = process.argv.slice(2);
if (files.length !== 3) {
  console.error("usage: node connect.js PARTNER_PROFILE SCHEDULE PRISON_PROFILE");
  process.exit(2);
}
process.exitCode = await main(...files);
