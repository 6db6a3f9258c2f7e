import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  /** Who is told. They must confirm the subscription once. */
  readonly email: string | undefined;
}

/** Where every alarm of the stack goes. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { email }: AlarmTopicProps) {
    super(scope, id);

    // A key of our own, because no alarm may use the one that SNS brings: its policy cannot be changed.
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    const key = new Key(this, 'Key', {
      description: 'Encrypts alarms of Callwire between CloudWatch and whoever is told',
      enableKeyRotation: true,
      // Alarms are not kept: nothing would be left to decrypt.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });

    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    key.grant(alarms, 'kms:Decrypt', 'kms:GenerateDataKey*');
    this.topic.grantPublish(alarms);

    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
  }

  /** Gives every alarm below `scope` this topic, both for trouble and for its end. */
  tellOf(scope: Construct): void {
    const action = new SnsAction(this.topic);
    for (const construct of scope.node.findAll()) {
      if (!(construct instanceof Alarm)) continue;
      construct.addAlarmAction(action);
      construct.addOkAction(action);
    }
  }
}
