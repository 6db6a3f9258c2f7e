import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Listening, listen } from './listen.ts';

const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

/**
 * CloudFormation's DescribeStacks, with stacks by name and their outputs:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export function startCloudFormation(
  stacks: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<Listening> {
  return listen(
    createServer((request, response) => {
      void text(request).then((body) => {
        const name = new URLSearchParams(body).get('StackName') ?? '';
        const outputs = stacks[name];
        const [status, xml] = outputs
          ? [200, description(name, outputs)]
          : [400, refusal(`Stack with id ${name} does not exist`)];
        response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      });
    }),
  );
}

const member = (content: string) => `<member>${content}</member>`;

const description = (name: string, outputs: Readonly<Record<string, string>>) => {
  const members = Object.entries(outputs).map(([key, value]) =>
    member(`<OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue>`),
  );
  const stack = `<StackName>${name}</StackName><Outputs>${members.join('')}</Outputs>`;
  return `<DescribeStacksResponse ${NAMESPACE}><DescribeStacksResult><Stacks>${member(stack)}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
};

const refusal = (message: string) =>
  `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`;
