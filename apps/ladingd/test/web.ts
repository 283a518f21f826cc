// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';
import { until } from './until.ts';

/** What a web server answers once it listens. */
export async function fetchText(url: string): Promise<string> {
  let text: string | undefined;
  await until(async () => {
    text = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    return text !== undefined;
  });
  return text ?? '';
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
