// What proto-loader does not do: it drops a key that it does not know, makes 0 of a number that is none, a text of a number,
// and nothing of a value that an enum does not have, all without a word. So a request is held to the contract before it is sent.

const SCALARS = {
  TYPE_STRING: [(value) => typeof value === "string", 'a text in quotation marks: "…"'],
  TYPE_BOOL: [(value) => typeof value === "boolean", "true or false"],
  TYPE_INT32: [(value) => Number.isInteger(value) && value === (value | 0), "a whole number without quotation marks, such as 1"],
};

/**
 * A request as proto-loader takes it, from one as proto3 JSON writes it, with the contract's own names (`starts_at`).
 * `definition` is what the loader made of the contract, and `type` a message's name in full. Throws an Error that begins with
 * the path: `sessions[0].sequence: …`.
 */
export function checked(definition, type, value, path = "") {
  const wrong = (why) => new Error(path ? `${path}: ${why}` : why);
  if (type === "google.protobuf.Timestamp") return timestamp(value, wrong);
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw wrong("this must be {…}");
  const fields = definition[type].type.field;
  const message = {};
  for (const [name, given] of Object.entries(value)) {
    const place = path ? `${path}.${name}` : name;
    const field = fields.find((field) => field.name === name);
    if (!field) throw new Error(`${place}: the contract has no such field here; it has ${fields.map(({ name }) => name).join(", ")}`);
    if (given === null) continue; // proto3 JSON: as if it were not there.
    const repeated = field.label === "LABEL_REPEATED";
    if (repeated && !Array.isArray(given)) throw new Error(`${place}: this must be a list: […]`);
    const one = (item, at) => checkedField(definition, type, field, item, at);
    message[name] = repeated ? given.map((item, index) => one(item, `${place}[${index}]`)) : one(given, place);
  }
  return message;
}

function checkedField(definition, within, field, value, path) {
  // A name is in full, or that of a neighbour.
  const neighbour = within.replace(/[^.]*$/, field.typeName);
  const type = definition[neighbour] ? neighbour : field.typeName;
  if (field.type === "TYPE_MESSAGE") return checked(definition, type, value, path);
  if (field.type === "TYPE_ENUM") {
    const known = definition[type].type.value.map(({ name }) => name);
    if (!known.includes(value)) throw new Error(`${path}: this must be one of ${known.join(", ")}`);
    return value;
  }
  const [right, form] = SCALARS[field.type] ?? [() => false, `a ${field.type}, which this sample does not know`];
  if (!right(value)) throw new Error(`${path}: this must be ${form}`);
  return value;
}

/** A time with an offset, `2026-12-07T08:00:00+07:00`; without one it would be an hour of this machine's zone. */
function timestamp(text, wrong) {
  const milliseconds = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds)) throw wrong("this must be a time with an offset, such as 2026-12-07T08:00:00+07:00");
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: (milliseconds - seconds * 1000) * 1_000_000 };
}
