import * as z from 'zod';
import { type Call, type CallStatus, callStatusSchema, type Outcome } from '../calls/call.ts';

/** What a CRM says for each status a call can have. `unknown` has no word of its own: it goes by the outcome. */
export type StatusTable<Value> = Readonly<Record<Exclude<CallStatus, 'unknown'>, Value>>;

/** The setting that overrides single rows of such a table. */
export const statusOverrides = <Value>(value: z.ZodType<Value>) =>
  z.partialRecord(callStatusSchema, value).default({});

const BY_OUTCOME: Readonly<Record<Outcome, Exclude<CallStatus, 'unknown'>>> = {
  open: 'in_progress',
  completed: 'completed',
  failed: 'failed',
};

/** The CRM's word for a call: there is one for every call. */
export function wordFor<Value>(
  { status, outcome }: Pick<Call, 'status' | 'outcome'>,
  table: StatusTable<Value>,
  overrides: Partial<Record<CallStatus, Value>>,
): Value {
  const known = status === 'unknown' ? BY_OUTCOME[outcome] : status;
  return overrides[status] ?? overrides[known] ?? table[known];
}
