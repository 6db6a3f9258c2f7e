import { type SlackSettings, slack } from '../../lib/destinations/slack/index.ts';

/** Settings as `callwire.yaml` gives them, with every default. */
export const slackSettings = (over: Readonly<Record<string, unknown>> = {}): SlackSettings =>
  slack.settings.parse({
    id: 'ops',
    kind: 'slack',
    token: 'env:SLACK_BOT_TOKEN',
    channel: '#voice-ops',
    ...over,
  });
