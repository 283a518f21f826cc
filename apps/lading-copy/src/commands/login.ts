// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, type Environment, usageError } from '@lading/command-line';
import { certificateProvider, loadRegistries } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { createRegistryClient } from '@lading/registry-client';
import { authStore } from '../registry-context.ts';
import { signalOf } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [registry = ''] = args;
  const signal = signalOf(call);
  const store = authStore(call);
  const [host = ''] = registry.split('/');
  if (flags.boolean('get-login')) {
    const found = await store.get(registry, { signal });
    if (found === undefined || !('username' in found)) throw notLoggedIn(registry);
    await environment.stdout(`${found.username}\n`);
    return 0;
  }
  const credentials = await readCredentials(call);
  await using client = createRegistryClient({
    credentials: (asked) => (asked === host ? credentials : undefined),
    tlsVerify: flags.given('tls-verify') ? flags.boolean('tls-verify') : await verifiesTls(call, host),
    tls: certificateProvider({ env: environment.env }),
  });
  await client.ping(host, { signal });
  await store.set(registry, credentials, { signal });
  if (flags.boolean('verbose')) await environment.stdout(`Used: ${store.path}\n`);
  await environment.stdout('Login Succeeded!\n');
  return 0;
}

export function notLoggedIn(registry: string): LadingError {
  return new LadingError(Code.NotFound, `not logged into ${registry}`);
}

async function verifiesTls({ environment }: CommandCall, host: string): Promise<boolean> {
  return !(await loadRegistries({ env: environment.env })).isInsecure(host);
}

async function readCredentials({
  flags,
  environment,
}: CommandCall): Promise<{ username: string; password: string }> {
  const username = flags.string('username');
  if (username === undefined || username === '') throw usageError('name the user with --username');
  const given = flags.string('password');
  if (!flags.boolean('password-stdin')) {
    if (given !== undefined) return { username, password: given };
    throw usageError('give the password with --password-stdin');
  }
  if (given !== undefined) throw usageError("Can't specify both --password-stdin and --password");
  return { username, password: await readLine(environment) };
}

/** All of stdin without the line end that `echo` adds. */
async function readLine({ stdin }: Environment): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 64 * 1024) throw usageError('the password on stdin is longer than 64 KiB');
  }
  return text.replace(/\r?\n$/, '');
}
