import { deflateSync, inflateSync } from 'node:zlib';

/**
 * Names and words that short texts are made of, in their order: without them such a text is hardly smaller
 * packed than as it is. What was packed with a list is unpacked with the same one, for ever, so it never
 * changes; a better one gets a number of its own. A text of other words is only packed less well.
 */
const WORDS: readonly string[] = [
  `"attributes":{"title":"","model":"gpt-4","type":"VOICE_AGENTS","processingType":"real-time","analysis":{"summary":""conversationId":"","language":"en","menuMatches":["","menuSelection":"","bargeInCount":0,"customFields":{"appointmentBooked":true,"costUsd":0.,"leadQualification":"","callIntent":"","category":""},"agentNumber":"+1","recordingUrl":"https://","transcriptUrl":"https://","changes":["summary","durationSeconds","status","outcome","recordingUrl","transcriptUrl","attributes.
[{"id":"","model":"gpt-4","agentDetails":{},"jobResponse":{},"status":"COMPLETED","type":"VOICE_AGENTS","processingType":"real-time","voiceAgentId":"","apiKeyId":"","createdAt":"","updatedAt":"","title":"Call with ","mediaUrl":"https://","callParams":{"machineNumber":"+","userNumber":"+"},"callDuration":,"channelType":"TELEPHONE","callAnalysis":{"summary":"","callerName":""},"voiceAgent":{"voiceAgentWebTools":[{"webTool":{}}],"webTools":{},"voiceAgentKnowledgeBases":[{"knowledgeBaseItem":{}}]},"logs":[{"id":"log_","timestamp":"","payload":{},"createdAt":""}],"performanceMetrics":{}}
,"agentName":"","duration":null},{"id":"","contact_id":"","assistant_id":"","call_type":"outbound","call_status":"completed","duration_seconds":,"call_started_at":"","call_ended_at":"","appointment_booked":true,"lead_qualification":"","call_intent":"","customer_phone_number":"+","assistant_phone_number":"+","transcript":"","analysis_summary":"","recording_url":"https://","cost":0.
,"org_id":"","created_at":"","phone_number_id":"","type":"inbound","started_at":"","ended_at":"","summary":"","customer_number":"","status":"done","category":"","duration_min":,"patient_id":null,"language":"","sessions_scheduled":
{"id":"","organizationId":"","transport":"pstn","telnyxCallControlId":"v3:","cfSessionId":null,"direction":"inbound","from":"+","to":"+","phoneNumberId":"","voiceAgentId":"","status":"hung-up","initiatedAt":"","answeredAt":"","endedAt":"","durationSeconds":,"transcriptUrl":"https://","recordingUrl":"https://","summary":"","conversationId":"","metadata":{"cfTrackIds":{"audio":null,"video":null},"sttLanguage":"","ttsVoice":"","menuMatches":[{"menuItemId":"","menuItemLabel":"","confidence":0.,"matchedText":""}],"menuFinalSelection":{"menuItemId":null,"bargeInCount":0,"errorCode":null,"errorMessage":null,"customFields":{"note":null}},"createdAt":"","updatedAt":"`,
  `{"gap":{"from":"2026-","to":"2026-"},"place":,"order":{"direction":"oldest-first","by":"createdAt","slackMs":,{"direction":"none"},{"direction":"newest-first","by":"startedAt","deepAt":"2026-","readUntil":"2026-"owed":[{"type":"connection.recovered","failure":{"count":,"reason":"provider_error","since":"2026-","announced":true},"enrich":[{"id":"","dueAt":"2026-","tries":1},"openFrom":"2026-{"v":1,"version":1,"baselineAt":"2026-","watermark":"2026-","begun":true,"list":null,"busy":null,"minLookBackMs":3600000,"lookBackMs":172800000,"open":[{"id":"","since":"2026-"}],"openFrom":null,"enrich":[],"maxRows":2000,"lastChangeAt":"2026-","pace":{"calls":1.,"days":1.,"lengths":[0,0,0,0,0,0,0,0,0,0,0,0,0,0],"hours":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"requests":1},"failure":null,"owed":[],"backoffUntil":null}`,
];

/** The latest list for each kind of text. */
const LATEST = { record: 0, state: 1 } as const;

const dictionaryOf = (list: number, known: readonly string[]): Buffer => {
  const words = WORDS[list];
  if (words === undefined) throw new Error(`Nothing is packed with list ${list} of words`);
  return Buffer.from([words, ...known.toSorted()].join('\n'));
};

/**
 * Packs a text that is short and repeats what lies beside it: those words are put before it, so that a
 * repetition takes three bytes. The format carries a sum of them, and is not unpacked with others.
 * https://www.rfc-editor.org/rfc/rfc1950#section-2.2
 *
 * @param known what will be known when it is unpacked, in any order
 */
export function packText(
  text: string,
  known: readonly string[],
  kind: keyof typeof LATEST = 'record',
): Uint8Array {
  const dictionary = dictionaryOf(LATEST[kind], known);
  const deflated = deflateSync(text, { level: 9, memLevel: 9, dictionary });
  const packed = new Uint8Array(1 + deflated.byteLength);
  packed[0] = LATEST[kind];
  packed.set(deflated, 1);
  return packed;
}

/** @throws Error for what was packed with other words, or is damaged. */
export function unpackText(packed: Uint8Array, known: readonly string[]): string {
  const dictionary = dictionaryOf(packed[0] ?? -1, known);
  return inflateSync(packed.subarray(1), { dictionary }).toString();
}
