// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { type CommandCall, createPrompter, usageError } from '@lading/command-line';
import {
  certificateProvider,
  loadRegistries,
  parseRegistry,
  type RegistryKey,
  type StoredCredentials,
} from '@lading/config';
import { Code, hasCode, LadingError } from '@lading/errors';
import { createRegistryClient } from '@lading/registry-client';
import { loginPlace } from '../options/login-place.ts';

interface Password {
  readonly username: string;
  readonly password: string;
}

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  if (args.length === 0) throw usageError('please provide a registry to log in to');
  const registry = parseRegistry(args[0] ?? '');
  const { signal, stdout } = environment;
  const store = loginPlace(call);
  const known = await store.get(registry.key, { signal });
  const stored = known !== undefined && 'username' in known ? known : undefined;
  if (flags.boolean('get-login')) {
    if (stored === undefined || stored.username === '') {
      throw new LadingError(Code.NotFound, `not logged into ${registry.key}`);
    }
    await stdout(`${stored.username}\n`);
    return 0;
  }
  const given = await readGiven(call);
  if (given.username === '' && given.password === '' && stored !== undefined && stored.password !== '') {
    await stdout(`Authenticating with existing credentials for ${registry.key}\n`);
    if (await isAccepted(call, registry, stored)) {
      await stdout(`Existing credentials are valid. Already logged in to ${registry.host}\n`);
      return 0;
    }
    await stdout('Existing credentials are invalid, please enter valid username and password\n');
  }
  const credentials = await ask(call, given, stored?.username ?? '');
  if (!(await isAccepted(call, registry, credentials))) {
    throw new LadingError(
      Code.Unauthenticated,
      `logging into ${JSON.stringify(registry.key)}: invalid username/password`,
    );
  }
  const place = await store.set(registry.key, credentials, { signal });
  if (flags.boolean('verbose')) await stdout(`Used:  ${place}\n`);
  await stdout('Login Succeeded!\n');
  return 0;
}

async function isAccepted(
  { flags, environment }: CommandCall,
  { host }: RegistryKey,
  credentials: StoredCredentials,
): Promise<boolean> {
  const { env, cwd, signal } = environment;
  const certificates = flags.string('cert-dir') || undefined;
  const tlsVerify = flags.given('tls-verify')
    ? flags.boolean('tls-verify')
    : !(await loadRegistries({ env })).isInsecure(host);
  await using client = createRegistryClient({
    credentials: (asked) => (asked === host ? credentials : undefined),
    tlsVerify,
    tls: certificateProvider({
      env,
      folder: certificates === undefined ? undefined : resolve(cwd, certificates),
    }),
  });
  try {
    await client.ping(host, { signal });
    return true;
  } catch (error) {
    if (hasCode(error, Code.Unauthenticated) || hasCode(error, Code.PermissionDenied)) return false;
    throw error;
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
  return { username, password: text.replace(/\r?\n/g, '') };
}

async function ask({ environment }: CommandCall, given: Password, stored: string): Promise<Password> {
  const prompter = createPrompter(environment);
  let { username, password } = given;
  if (username === '') {
    const line = await prompter.line(`Username${stored === '' ? '' : ` (${stored})`}: `);
    if (line === undefined) throw usageError('getting username and password: stdin has ended');
    username = line.trim() === '' ? stored : line;
  }
  if (password === '') password = await prompter.hidden('Password: ', 'the password');
  return { username: username.trim(), password };
}
