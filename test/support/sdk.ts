/** A client of the AWS SDK whose requests are answered here. */
export function answering<C extends { send: unknown }>(
  client: C,
  answer: (input: never, command: string) => unknown,
): C {
  const send = async (command: { input: never; constructor: { name: string } }) =>
    answer(command.input, command.constructor.name);
  return Object.assign(client, { send });
}

export const LOCAL = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
