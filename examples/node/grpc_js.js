// A client of Gerbang with grpc-js, which reads the .proto files when it starts and needs no stubs: a partner pushes a
// schedule, and pulls the assignments of its days.
//
//     node examples/node/grpc_js.js CONTRACT PROFILE SCHEDULE [PULL_PROFILE]
//
// CONTRACT is a folder that `gerbang contract export --plain` wrote. With PULL_PROFILE another system pulls, as the prison.

import { randomUUID } from "node:crypto";
import { promisify } from "node:util";

import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

import { checked } from "./checked.js";
import { language, readJson, readProfile } from "./profile.js";

const [contract, ...others] = process.argv.slice(2);
if (others.length < 2 || others.length > 3) {
  console.error("usage: node grpc_js.js CONTRACT PROFILE SCHEDULE [PULL_PROFILE]");
  process.exit(2);
}
const definition = loadSync(
  ["gerbang/v1/schedule.proto", "gerbang/v1/assignment.proto", "google/rpc/status.proto", "google/rpc/error_details.proto"],
  { includeDirs: [contract], keepCase: true, longs: Number, enums: String, defaults: true },
);
const { ScheduleService, AssignmentService } = grpc.loadPackageDefinition(definition).gerbang.v1;

/** A service's methods as functions of a request that answer a promise; `close` ends the connection. */
function connect(Service, { address, serverName, ca, certificate, key }) {
  const credentials = grpc.credentials.createSsl(ca, key, certificate);
  const client = new Service(address, credentials, { "grpc.ssl_target_name_override": serverName });
  const metadata = grpc.Metadata.fromHttp2Headers({ "accept-language": language() });
  const call = (method, request) =>
    promisify(client[method].bind(client))(request, metadata, { deadline: Date.now() + 30_000 });
  return { call, close: () => client.close() };
}

/** The request of a file, held to the contract: proto-loader drops without a word what it does not take. */
function readRequest(type, file) {
  const json = readJson(file);
  try {
    return checked(definition, type, json);
  } catch (error) {
    throw new Error(`${file}: ${error.message}`);
  }
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

async function main(profileFile, scheduleFile, pullProfileFile = profileFile) {
  const connections = [];
  try {
    const request = { ...readRequest("gerbang.v1.PushScheduleRequest", scheduleFile), request_id: randomUUID() };
    connections.push(connect(ScheduleService, readProfile(profileFile)));
    connections.push(connect(AssignmentService, readProfile(pullProfileFile)));
    const [schedules, assignments] = connections;
    const answer = await schedules.call("PushSchedule", request);
    console.log("push:", answer.outcome);
    for (const { uid, outcome, errors } of answer.results) {
      console.log(" ", uid, outcome, ...errors.map(({ field, text, reason }) => `${field}: ${text} (${reason})`));
    }
    if (answer.outcome === "BATCH_OUTCOME_REJECTED") return 1;
    const start = request.sessions.map((session) => session.starts_at).sort((a, b) => a.seconds - b.seconds)[0];
    const end = request.sessions.map((session) => session.ends_at).sort((a, b) => b.seconds - a.seconds)[0];
    for await (const item of pull(assignments, start, end)) {
      const from = new Date(item.starts_at.seconds * 1000).toISOString().replace(".000", "");
      console.log(from, item.trainer_display_name, "|", item.programme_title, "|", item.topic);
    }
    return 0;
  } catch (error) {
    // A program goes by the reason, and people by the text. Without a reason no gateway answered, or nothing was sent.
    const reason = detail(error, "ErrorInfo")?.reason;
    console.error(reason ? `refused: ${reason}` : "failed:", error.details ?? error.message);
    for (const { field, reason } of detail(error, "BadRequest")?.field_violations ?? []) {
      console.error(`  ${field}: ${reason}`);
    }
    return 1;
  } finally {
    connections.forEach((connection) => connection.close());
  }
}

process.exitCode = await main(...others);
