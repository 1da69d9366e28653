// A client of Gerbang with grpc-js, which reads the .proto files when it starts and needs no stubs: a partner pushes a
// schedule, the prison pulls assignments.
//
//     node examples/node/grpc_js.js CONTRACT PARTNER_PROFILE SCHEDULE PRISON_PROFILE
//
// CONTRACT is a folder that `gerbang contract export --plain` wrote.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

import { readProfile } from "./profile.js";

const [contract, ...others] = process.argv.slice(2);
if (others.length !== 3) {
  console.error("usage: node grpc_js.js CONTRACT PARTNER_PROFILE SCHEDULE PRISON_PROFILE");
  process.exit(2);
}
const definition = loadSync(
  ["gerbang/v1/schedule.proto", "gerbang/v1/assignment.proto", "google/rpc/status.proto", "google/rpc/error_details.proto"],
  { includeDirs: [contract], keepCase: true, longs: Number, enums: String, defaults: true },
);
const { ScheduleService, AssignmentService } = grpc.loadPackageDefinition(definition).gerbang.v1;

/** A service's methods as functions of a request that answer a promise; `close` ends the connection. */
function connect(Service, profileFile) {
  const { address, serverName, ca, certificate, key } = readProfile(profileFile);
  const credentials = grpc.credentials.createSsl(ca, key, certificate);
  const client = new Service(address, credentials, { "grpc.ssl_target_name_override": serverName });
  const call = (method, request) =>
    promisify(client[method].bind(client))(request, new grpc.Metadata(), { deadline: Date.now() + 30_000 });
  return { call, close: () => client.close() };
}

/**
 * proto-loader does not read times as proto3 JSON writes them: with an offset, `2026-12-07T08:00:00+07:00`. Without one it
 * would be an hour of this machine's zone.
 */
function timestamp(text) {
  const milliseconds = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds)) throw new Error(`${text} is no time with an offset`);
  return { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1_000_000 };
}

async function push(service, scheduleFile) {
  const request = { ...JSON.parse(readFileSync(scheduleFile, "utf8")), request_id: randomUUID() };
  request.sessions = request.sessions.map((session) => ({
    ...session,
    starts_at: timestamp(session.starts_at),
    ends_at: timestamp(session.ends_at),
  }));
  return [request, await service.call("PushSchedule", request)];
}

async function* pull(service, range_start, range_end) {
  let page_token = "";
  do {
    const page = await service.call("ListTrainerAssignments", { range_start, range_end, page_size: 100, page_token });
    yield* page.assignments;
    page_token = page.next_page_token;
  } while (page_token);
}

/**
 * A detail of a refused call, `ErrorInfo` with the reason or `BadRequest` with the fields that are wrong:
 * `grpc-status-details-bin` holds a google.rpc.Status, and that the details.
 */
function detail(error, name) {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const details = bytes ? definition["google.rpc.Status"].deserialize(bytes).details : [];
  const found = details.find((one) => one.type_url.endsWith(`/google.rpc.${name}`));
  return found && definition[`google.rpc.${name}`].deserialize(found.value);
}

async function main(partnerProfile, scheduleFile, prisonProfile) {
  const partner = connect(ScheduleService, partnerProfile);
  const prison = connect(AssignmentService, prisonProfile);
  try {
    const [request, answer] = await push(partner, scheduleFile);
    console.log("push:", answer.outcome);
    for (const { uid, outcome, errors } of answer.results) {
      console.log(" ", uid, outcome, ...errors.map(({ field, text, reason }) => `${field}: ${text} (${reason})`));
    }
    if (answer.outcome === "BATCH_OUTCOME_REJECTED") return 1;
    const start = request.sessions.map((session) => session.starts_at).sort((a, b) => a.seconds - b.seconds)[0];
    const end = request.sessions.map((session) => session.ends_at).sort((a, b) => b.seconds - a.seconds)[0];
    for await (const item of pull(prison, start, end)) {
      const from = new Date(item.starts_at.seconds * 1000).toISOString().replace(".000", "");
      console.log(from, item.trainer_display_name, "|", item.programme_title, "|", item.topic);
    }
    return 0;
  } catch (error) {
    // A program goes by the reason, and people by the text.
    console.error("refused:", detail(error, "ErrorInfo")?.reason ?? "", error.details ?? error.message);
    for (const { field, reason } of detail(error, "BadRequest")?.field_violations ?? []) {
      console.error(`  ${field}: ${reason}`);
    }
    return 1;
  } finally {
    partner.close();
    prison.close();
  }
}

process.exitCode = await main(...others);
