import type { Random } from './random.ts';

/** A voice agent of the simulated account. */
export interface Agent {
  readonly id: string;
  readonly name: string;
}

/** Someone who calls. */
export interface Caller {
  readonly name: string;
  /** E.164. */
  readonly number: string;
}

/** Names are what a team would type, and what breaks a careless message: `&`, `<`, right-to-left, emoji. */
export const agents: readonly [Agent, ...Agent[]] = [
  { id: '1df8a0c5-d1c8-44bb-848f-8accf58f32e2', name: 'Support Agent' },
  { id: '5b0f4f36-6a0d-4a5e-9a4c-0c1c3f8f7b11', name: 'وكيل الحجز' },
  { id: 'c2a9d7e4-3b61-4f0e-8d25-7e9a10b4c6d2', name: 'Billing & Returns <beta>' },
  { id: '90e1b3c8-f7d4-4c2a-b6e9-51d0a8f2e347', name: 'Sales 🚀' },
];

const callerNames: readonly [string, ...string[]] = [
  'Amina Haddad',
  'محمد العتيبي',
  'Tom & Jerry <Ltd>',
  'نورة القحطاني',
  '<!channel>',
  'דוד לוי',
  'Chloé Dubois',
  '李小龍',
  'Zoë 👩‍🚀 Ortega',
  'سارة @here بن علي',
  "Seán O'Brien",
  'فاطمة الزهراء',
  '*Bold* _Name_ ~Smith~',
  '<@U024BE7LH>',
  'Priya Raghunathan',
  'خالد "أبو فهد"',
];

export const topics: readonly [string, ...string[]] = [
  'an appointment next week',
  'a refund for order #4711 & the <missing> parcel',
  'opening hours',
  'حجز موعد لطفلين',
  'a change of address',
  'the price of the yearly plan',
  'إلغاء الاشتراك',
];

// Ranges set aside for fiction, so that no simulated call can reach anyone: North America 555-0100
// to 555-0199, and the mobile range 07700 900000 to 900999 that Ofcom keeps for drama.
const numberRanges: readonly [NumberRange, ...NumberRange[]] = [
  { prefix: '+120255501', digits: 2 },
  { prefix: '+141555501', digits: 2 },
  { prefix: '+447700900', digits: 3 },
];

interface NumberRange {
  readonly prefix: string;
  readonly digits: number;
}

export function drawNumber(random: Random): string {
  const { prefix, digits } = random.pick(numberRanges);
  const line = Math.floor(random.next() * 10 ** digits);
  return prefix + String(line).padStart(digits, '0');
}

/** Deals callers so that each name comes round before any returns: the awkward ones never miss a demo. */
export function createCallers(random: Random): () => Caller {
  let waiting: string[] = [];
  return () => {
    if (waiting.length === 0) waiting = random.shuffle(callerNames);
    return { name: waiting.pop() ?? callerNames[0], number: drawNumber(random) };
  };
}
