import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { busSchemas } from '../lib/contract/bus-schemas.ts';

/** The events of the bus in the account's schema registry, from which code bindings can be downloaded. */
export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    const registry = new CfnRegistry(this, 'Registry', {
      description: 'What Callwire announces on its event bus',
    });
    for (const [name, schema] of Object.entries(busSchemas())) {
      new CfnSchema(this, name, {
        registryName: registry.attrRegistryName,
        type: 'JSONSchemaDraft4',
        description: `${name}, as the target of a rule gets it`,
        content: JSON.stringify(schema),
      });
    }
  }
}
