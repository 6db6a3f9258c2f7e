import type { CheckFinding } from '../check/check-finding.ts';
import type { CheckedSubject } from '../check/run-checks.ts';

const MARKS: Readonly<Record<CheckFinding['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  wrong: 'WRONG',
};

/** How many findings there are of each state. */
export function countFindings(checked: readonly CheckedSubject[]) {
  const states = checked.flatMap(({ findings }) => findings.map(({ state }) => state));
  const count = (state: CheckFinding['state']) => states.filter((each) => each === state).length;
  return { ok: count('ok'), warnings: count('warning'), wrong: count('wrong') };
}

const linesOf = ({ state, what, why, fix }: CheckFinding): string[] => [
  `  ${MARKS[state].padEnd(8)} ${what.padEnd(8)} ${why}`,
  ...(fix === undefined ? [] : [`${' '.repeat(20)}${fix}`]),
];

/** Everything that was checked, for people. */
export function checkLines(checked: readonly CheckedSubject[]): string[] {
  const { ok, warnings, wrong } = countFindings(checked);
  const inTrouble = checked
    .filter(({ findings }) => findings.some(({ state }) => state === 'wrong'))
    .map(({ subject }) => subject);
  return [
    ...checked.flatMap(({ subject, findings }) => [subject, ...findings.flatMap(linesOf), '']),
    `${ok} ok, ${warnings} to be thought about, ${wrong} wrong${wrong > 0 ? `: ${inTrouble.join(', ')}` : ''}.`,
  ];
}

/** The same for machines. */
export const checkJson = (checked: readonly CheckedSubject[]) => ({
  ...countFindings(checked),
  findings: checked.flatMap(({ subject, findings }) =>
    findings.map(({ state, what, why, fix = null }) => ({ subject, state, what, why, fix })),
  ),
});
