// SPDX-License-Identifier: Apache-2.0
import type { CommandCall, Environment } from '@lading/command-line';
import { accessLine, errorLine } from './access-log.ts';
import { htpasswdAuthorize } from './htpasswd.ts';
import type { RequestRecord } from './observe.ts';
import { createProxyClient } from './proxy-client.ts';
import { readServeOptions } from './serve-options.ts';
import { startRegistry } from './start-registry.ts';
import { readTlsFiles, watchTlsFiles } from './tls-files.ts';

/** `lading-registry serve`: runs until it is asked to end. */
export async function run({ flags, environment }: CommandCall): Promise<number> {
  const options = readServeOptions(flags);
  const { host, port, root, readOnly, cors, metrics, logFormat, graceMs } = options;
  const onError = (error: unknown): void => void environment.stderr(errorLine(error, logFormat));
  const onRequest = (record: RequestRecord): void => void environment.stderr(accessLine(record, logFormat));
  const authorize =
    options.htpasswd === undefined ? undefined : await htpasswdAuthorize(options.htpasswd, { onError });
  const tls = options.tls === undefined ? undefined : await readTlsFiles(options.tls);
  await using client =
    options.proxy === undefined ? undefined : await createProxyClient(options.proxy, environment.env);
  await using server = await startRegistry({
    host,
    port,
    root,
    cors,
    metrics,
    authorize,
    onError,
    tls,
    ...(readOnly ? { readOnly } : {}),
    ...(options.accessLog ? { onRequest } : {}),
    ...(options.proxy === undefined || client === undefined ? {} : { proxy: { ...options.proxy, client } }),
  });
  using watch = options.tls === undefined ? undefined : watchTlsFiles(options.tls, server, onError);
  using ending = waitForEnd(environment, watch?.reload);
  const { gcIntervalMs } = options;
  const collect = (): void => void server.collectGarbage({ signal: environment.signal }).catch(onError);
  const timer = gcIntervalMs === undefined ? undefined : setInterval(collect, gcIntervalMs).unref();
  await environment.stdout(`listening on ${server.url}\n`);
  await ending.first;
  clearInterval(timer);
  const closed = server.close({ graceMs });
  const rest = await Promise.race([closed.then(() => 'ended'), ending.second]);
  if (rest === 'ended') return 0;
  await server.close();
  return 1;
}

interface Ending extends Disposable {
  /** The program is asked to end. */
  readonly first: Promise<void>;
  /** It is asked again: what is under way is not to be waited for. */
  readonly second: Promise<void>;
}

/** SIGHUP reads the certificate again; where there is none to read it ends the program, as a terminal means it to. */
function waitForEnd({ signal, onSignal }: Environment, reload: (() => void) | undefined): Ending {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let asked = 0;
  const ask = (): void => {
    asked += 1;
    (asked === 1 ? first : second).resolve();
  };
  signal.addEventListener('abort', ask, { once: true });
  if (signal.aborted) ask();
  const off = onSignal?.((name) => {
    if (name === 'SIGHUP' && reload !== undefined) reload();
    else if (name === 'SIGHUP' || name === 'SIGINT' || name === 'SIGTERM') ask();
  });
  return {
    first: first.promise,
    second: second.promise,
    [Symbol.dispose]() {
      off?.();
      signal.removeEventListener('abort', ask);
    },
  };
}
