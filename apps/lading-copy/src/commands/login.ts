// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, createPrompter, usageError } from '@lading/command-line';
import { parseRegistry, type RegistryKey, type StoredCredentials } from '@lading/config';
import { Code, hasCode, LadingError } from '@lading/errors';
import { createRegistryClient } from '@lading/registry-client';
import { loginPlace } from '../login-place.ts';
import { registriesOf, tlsOf, userAgentOf } from '../registry-context.ts';
import { signalOf } from '../retry.ts';
import { certDirOf, tlsVerifyOf } from '../transport-options.ts';

interface Password {
  readonly username: string;
  readonly password: string;
}

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  if (args.length === 0) throw usageError('please provide a registry to log in to');
  if (args.length > 1) throw usageError('login accepts only one registry to log in to');
  const registry = parseRegistry(args[0] ?? '');
  const signal = signalOf(call);
  const store = await loginPlace(call);
  const known = await store.get(registry.key, { signal });
  if (flags.boolean('get-login')) {
    if (known === undefined || !('username' in known) || known.username === '') {
      throw notLoggedIn(registry.key);
    }
    await environment.stdout(`${known.username}\n`);
    return 0;
  }
  if (known !== undefined && 'identityToken' in known) {
    throw new LadingError(
      Code.FailedPrecondition,
      'currently logged in, auth file contains an Identity token',
    );
  }
  const given = await readGiven(call);
  const stored = known !== undefined && 'username' in known ? known : undefined;
  if (given.username === '' && given.password === '' && stored !== undefined && stored.password !== '') {
    await environment.stdout(`Authenticating with existing credentials for ${registry.key}\n`);
    if (await isAccepted(call, registry, stored)) {
      await environment.stdout(`Existing credentials are valid. Already logged in to ${registry.host}\n`);
      return 0;
    }
    await environment.stdout('Existing credentials are invalid, please enter valid username and password\n');
  }
  const credentials = await ask(call, given, stored?.username ?? '');
  if (!(await isAccepted(call, registry, credentials))) {
    throw new LadingError(
      Code.Unauthenticated,
      `logging into ${JSON.stringify(registry.key)}: invalid username/password`,
    );
  }
  const place = await store.set(registry.key, credentials, { signal });
  if (flags.boolean('verbose')) await environment.stdout(`Used:  ${asGiven(call, place)}\n`);
  await environment.stdout('Login Succeeded!\n');
  return 0;
}

/** The place as the user wrote it, if the user did. */
function asGiven({ flags, environment }: CommandCall, place: string): string {
  const given = flags.string('authfile') || flags.string('compat-auth-file') || '';
  return resolve(environment.cwd, given) === place ? given : place;
}

export function notLoggedIn(registry: string): LadingError {
  return new LadingError(Code.NotFound, `not logged into ${registry}`);
}

/** Whether the registry takes a login. What else goes wrong is an error. */
export async function isAccepted(
  call: CommandCall,
  { host, key }: RegistryKey,
  credentials: StoredCredentials,
): Promise<boolean> {
  const signal = signalOf(call);
  await using client = createRegistryClient({
    credentials: (asked) => (asked === host ? credentials : undefined),
    tlsVerify: tlsVerifyOf(call, '') ?? !(await registriesOf(call)).isInsecure(host),
    tls: await tlsOf(call, certDirOf(call, '')),
    userAgent: userAgentOf(call),
  });
  try {
    await client.ping(host, { signal });
    return true;
  } catch (error) {
    if (hasCode(error, Code.Unauthenticated) || hasCode(error, Code.PermissionDenied)) return false;
    const known = LadingError.from(error);
    throw new LadingError(known.code, `authenticating creds for ${JSON.stringify(key)}: ${known.message}`, {
      ...(known.reason === undefined ? {} : { reason: known.reason }),
      cause: error,
    });
  }
}

/** What the flags give; empty where they give nothing. */
async function readGiven({ flags, environment }: CommandCall): Promise<Password> {
  const username = flags.string('username') ?? '';
  const password = flags.string('password') ?? '';
  if (!flags.boolean('password-stdin')) return { username, password };
  if (password !== '') throw usageError("can't specify both --password-stdin and --password");
  if (username === '') throw usageError('must provide --username with --password-stdin');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of environment.stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 64 * 1024) throw usageError('the password on stdin is longer than 64 KiB');
  }
  // Lines are put together, as skopeo does it.
  return { username, password: text.replace(/\r?\n/g, '') };
}

/** Asks for what is missing: the name on a line of stdin, the password at a terminal alone. */
async function ask({ environment }: CommandCall, given: Password, stored: string): Promise<Password> {
  const prompter = createPrompter(environment);
  let { username, password } = given;
  if (username === '') {
    const shown = stored === '' ? '' : ` (${stored})`;
    const line = await prompter.line(`Username${shown}: `);
    if (line === undefined)
      throw usageError('getting username and password: reading username: stdin has ended');
    username = line.trim() === '' ? stored : line.trim();
  }
  if (password === '') password = await prompter.hidden('Password: ', 'the password');
  return { username: username.trim(), password };
}
