// A client of Gerbang with connect-node and stubs made by protoc: a partner pushes a schedule, and pulls the assignments of
// its days. docs/partners.md says how to make the stubs.
//
//     node examples/node/connect.js PROFILE SCHEDULE [PULL_PROFILE]
//
// With PULL_PROFILE another system pulls, as the prison.

import { randomUUID } from "node:crypto";

import { fromJson } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

import { language, readJson, readProfile } from "./profile.js";
import { AssignmentService } from "./stubs/gerbang/v1/assignment_pb.js";
import { BatchOutcome, BatchOutcomeSchema, ItemOutcomeSchema } from "./stubs/gerbang/v1/common_pb.js";
import { PushScheduleRequestSchema, ScheduleService, SessionDraftSchema } from "./stubs/gerbang/v1/schedule_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "./stubs/google/rpc/error_details_pb.js";

function connect(profileFile) {
  const { address, serverName, ca, certificate, key } = readProfile(profileFile);
  const baseUrl = `https://${address}`;
  const sessions = new Http2SessionManager(baseUrl, {}, { ca, cert: certificate, key, servername: serverName });
  const inLanguage = (next) => (request) => {
    request.header.set("accept-language", language());
    return next(request);
  };
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: sessions,
    defaultTimeoutMs: 30_000,
    interceptors: [inLanguage],
  });
  return { transport, close: () => sessions.abort() };
}

/** The request of a file. The reader refuses what the contract does not take, and names field and type, but not the session. */
function readRequest(file) {
  const json = readJson(file);
  try {
    return fromJson(PushScheduleRequestSchema, json);
  } catch (error) {
    const sessions = Array.isArray(json?.sessions) ? json.sessions : [];
    const index = sessions.findIndex((session) => !reads(SessionDraftSchema, session));
    throw new Error(`${file}: ${index < 0 ? "" : `sessions[${index}]: `}${error.message}`);
  }
}

function reads(schema, json) {
  try {
    return Boolean(fromJson(schema, json));
  } catch {
    return false;
  }
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

async function main(profileFile, scheduleFile, pullProfileFile = profileFile) {
  const connections = [];
  try {
    const request = readRequest(scheduleFile);
    request.requestId = randomUUID();
    connections.push(connect(profileFile), connect(pullProfileFile));
    const [pushing, pulling] = connections;
    const answer = await createClient(ScheduleService, pushing.transport).pushSchedule(request);
    console.log("push:", BatchOutcomeSchema.value[answer.outcome].name);
    for (const { uid, outcome, errors } of answer.results) {
      const why = errors.map(({ field, text, reason }) => `${field}: ${text} (${reason})`);
      console.log(" ", uid, ItemOutcomeSchema.value[outcome].name, ...why);
    }
    if (answer.outcome === BatchOutcome.REJECTED) return 1;
    const start = request.sessions.map((session) => session.startsAt).sort((a, b) => Number(a.seconds - b.seconds))[0];
    const end = request.sessions.map((session) => session.endsAt).sort((a, b) => Number(b.seconds - a.seconds))[0];
    for await (const item of pull(pulling.transport, start, end)) {
      const from = timestampDate(item.startsAt).toISOString().replace(".000", "");
      console.log(from, item.trainerDisplayName, "|", item.programmeTitle, "|", item.topic);
    }
    return 0;
  } catch (error) {
    // A program goes by the reason, and people by the text. Without a reason no gateway answered, or nothing was sent.
    const refused = ConnectError.from(error);
    const reason = refused.findDetails(ErrorInfoSchema)[0]?.reason;
    console.error(reason ? `refused: ${reason}` : "failed:", refused.rawMessage);
    const wrong = refused.findDetails(BadRequestSchema).flatMap((details) => details.fieldViolations);
    for (const { field, reason } of wrong) console.error(`  ${field}: ${reason}`);
    return 1;
  } finally {
    connections.forEach((connection) => connection.close());
  }
}

const files = process.argv.slice(2);
if (files.length < 2 || files.length > 3) {
  console.error("usage: node connect.js PROFILE SCHEDULE [PULL_PROFILE]");
  process.exit(2);
}
process.exitCode = await main(...files);
