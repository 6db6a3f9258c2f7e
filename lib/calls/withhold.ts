import type { Call } from './call.ts';

/** What may be kept from others, in groups of what people think of as one thing. */
export const withholdable = [
  'summary',
  'numbers',
  'recording',
  'transcript',
  'patient',
  'attributes',
] as const;
export type Withholdable = (typeof withholdable)[number];

const FIELDS: Readonly<Record<Withholdable, readonly (keyof Call)[]>> = {
  summary: ['summary'],
  numbers: ['from', 'to', 'contactNumber', 'agentNumber'],
  recording: ['recordingUrl'],
  transcript: ['transcriptUrl'],
  patient: ['contactId'],
  attributes: [],
};

/** Names of attributes that tell who a patient is. */
const PATIENT_ATTRIBUTE = /^patient/i;

function keepsAttribute(name: string, groups: readonly string[]): boolean {
  if (groups.includes('attributes')) return false;
  return !(groups.includes('patient') && PATIENT_ATTRIBUTE.test(name));
}

/** Whether a path such as `summary` or `attributes.patientName` is in none of these groups. */
export function isShared(path: string, groups: readonly string[]): boolean {
  const [field = '', attribute] = path.split('.');
  if (field === 'attributes' && attribute !== undefined) return keepsAttribute(attribute, groups);
  return !withholdable.some(
    (group) => groups.includes(group) && FIELDS[group].some((each) => each === field),
  );
}

/** The call without these groups: fields become null, attributes are left out. */
export function withhold(call: Call, groups: readonly string[]): Call {
  if (groups.length === 0) return call;
  const blanks = withholdable
    .filter((group) => groups.includes(group))
    .flatMap((group) => FIELDS[group]);
  const attributes = Object.fromEntries(
    Object.entries(call.attributes).filter(([name]) => keepsAttribute(name, groups)),
  );
  return { ...call, ...Object.fromEntries(blanks.map((field) => [field, null])), attributes };
}
