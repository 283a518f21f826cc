// SPDX-License-Identifier: Apache-2.0
import { quote } from './cargo.ts';
import type { Journey } from './journey.ts';
import { run } from './programs.ts';

/** Says something, and ends as soon as it is asked to. */
const script = 'trap "exit 0" TERM; echo loaded; sleep 1000 & wait';

/** The image in the local store, and containers by runc, watched by conmon, on an overlay mount. */
export async function containerChapter(
  journey: Journey,
  image: string,
  stack: AsyncDisposableStack,
): Promise<void> {
  const { transcript, env } = journey;
  const lading = (...args: string[]): Promise<string> =>
    transcript.step(`lading ${args.map(quote).join(' ')}`, () => run('lading', args, env));

  transcript.chapter('Containers, without a daemon');
  stack.defer(async () => {
    await run('lading', ['rm', '--force', '--all'], env);
  });
  await lading('pull', '--tls-verify=false', image);
  await lading('images');
  await lading('run', '--rm', image, 'echo', 'hello from the hold');
  await lading('run', '-d', '--name', 'cargo', image, 'sh', '-c', script);
  await lading('ps');
  await lading('logs', 'cargo');
  await lading('exec', 'cargo', 'ps', '-o', 'pid,args');
  await lading('stop', 'cargo');
  await lading('rm', 'cargo');
  await lading('rmi', image);
}
