import { expect, it } from 'vitest';
import { checkReferences } from '../../lib/config/references.ts';

it('knows the connections whose owners a CRM is told', () => {
  const owners = { connections: { 'clinic-riyad': '1', 'clinic-riyadh': '2' } };
  const file = {
    connections: [{ id: 'clinic-riyadh' }],
    destinations: [{ id: 'crm', owners }],
    routes: [],
  };

  expect(checkReferences(file, [])).toEqual([
    {
      path: ['destinations', 0, 'owners', 'connections', 'clinic-riyad'],
      message: '"clinic-riyad" is not a connection',
      fix: 'Did you mean "clinic-riyadh"?',
    },
  ]);
});
