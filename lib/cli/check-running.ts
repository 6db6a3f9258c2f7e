import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { documentClient } from '../adapters/aws-clients.ts';
import { dynamoCheckStore, eventBridgeCheck } from '../adapters/check-system.ts';
import type { CheckFinding } from '../check/check-finding.ts';
import { checkBus, checkStore } from '../check/check-system.ts';
import { attachedSystem } from './locate.ts';
import { LOCAL_AWS } from './session.ts';

/** Store and bus of the local system that another process runs on this data. */
export async function checkRunning(data: string): Promise<readonly CheckFinding[]> {
  const { endpoint, ControlTableName, BusName } = attachedSystem(data);
  const aws = { ...LOCAL_AWS, endpoint };
  const tables = documentClient(aws);
  const events = new EventBridgeClient(aws);
  try {
    return await Promise.all([
      checkStore(dynamoCheckStore(tables, ControlTableName), `check-${Date.now()}`),
      checkBus(eventBridgeCheck(events, BusName)),
    ]);
  } finally {
    tables.destroy();
    events.destroy();
  }
}
