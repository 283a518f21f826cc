// SPDX-License-Identifier: Apache-2.0
import { Code, hasCode, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';
import { createPrompter } from './prompter.ts';
import type { CommandCall } from './spec.ts';
import { usageError } from './usage-error.ts';

/** A name and a password; empty where they are not known. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Where logins are kept, and other credentials `C`, as `loadAuth` of `@lading/config` opens it. */
export interface LoginStore<C> {
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<C | undefined>;
  /** Says where it is kept. */
  set(key: string, login: Login, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** False when it was nowhere. */
  remove(key: string, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  removeAll(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** What {@link runLogin} and {@link runLogout} work with. */
export interface LoginOptions<C extends object = Login> {
  readonly store: LoginStore<C>;
  readonly signal: AbortSignal;
  /** Reads what a user names to log in to; see `parseRegistry` of `@lading/config`. */
  readonly parseRegistry: (text: string) => { readonly key: string; readonly host: string };
  /** Asks a registry whether it takes a login. It fails with `unauthenticated` or `permission_denied` when not. */
  readonly ping: (host: string, login: NoInfer<C> | Login) => Promise<void>;
  /** How a place is shown. Default: as the store says. */
  readonly showPlace?: ((place: string) => string) | undefined;
}

const longestPassword = 64 * 1024;

/**
 * The command `login`, whose flags are `get-login`, `password`, `password-stdin`, `username` and `verbose`.
 *
 * @example
 * ```ts
 * import { type CommandSpec, type Login, type LoginOptions, type LoginStore, runLogin } from '@lading/command-line';
 *
 * const logins = new Map<string, Login>();
 * const store: LoginStore<Login> = {
 *   get: async (key) => logins.get(key),
 *   set: async (key, login) => { logins.set(key, login); return 'memory'; },
 *   remove: async (key) => logins.delete(key),
 *   removeAll: async () => logins.clear(),
 * };
 * const options: LoginOptions = {
 *   store,
 *   signal: new AbortController().signal,
 *   parseRegistry: (text) => ({ key: text, host: text }),
 *   ping: async () => {},
 * };
 * const login: CommandSpec = {
 *   name: 'login',
 *   summary: 'Login to a registry',
 *   usage: 'login REGISTRY',
 *   load: async () => ({ run: (call) => runLogin(call, options) }),
 * };
 * console.log(login.name); // → login
 * ```
 */
export async function runLogin<C extends object>(
  call: CommandCall,
  options: LoginOptions<C>,
): Promise<number> {
  const { args, flags, environment } = call;
  const { store, signal, showPlace = (place) => place } = options;
  const { stdout } = environment;
  const [text] = args;
  if (text === undefined) throw usageError('please provide a registry to log in to');
  if (args.length > 1) throw usageError('login accepts only one registry to log in to');
  const { key, host } = options.parseRegistry(text);
  const known = await store.get(key, { signal });
  const stored = isLogin(known) ? known : undefined;
  if (flags.boolean('get-login')) {
    if (stored === undefined || stored.username === '') throw notLoggedIn(key);
    await stdout(`${stored.username}\n`);
    return 0;
  }
  const accepts = (login: Login): Promise<boolean> => isAccepted(options, key, host, login);
  const given = await readGiven(call);
  if (given.username === '' && given.password === '' && stored !== undefined && stored.password !== '') {
    await stdout(`Authenticating with existing credentials for ${key}\n`);
    if (await accepts(stored)) {
      await stdout(`Existing credentials are valid. Already logged in to ${host}\n`);
      return 0;
    }
    await stdout('Existing credentials are invalid, please enter valid username and password\n');
  }
  const login = await ask(call, given, stored?.username ?? '');
  if (!(await accepts(login))) {
    throw new LadingError(Code.Unauthenticated, `logging into ${quote(key)}: invalid username/password`);
  }
  const place = await store.set(key, login, { signal });
  if (flags.boolean('verbose')) await stdout(`Used:  ${showPlace(place)}\n`);
  await stdout('Login Succeeded!\n');
  return 0;
}

/**
 * The command `logout`, whose flag is `all`.
 *
 * @example
 * ```ts
 * import { type CommandSpec, type LoginOptions, runLogout } from '@lading/command-line';
 *
 * const logout = (options: LoginOptions): CommandSpec => ({
 *   name: 'logout',
 *   summary: 'Logout of a registry',
 *   usage: 'logout REGISTRY',
 *   load: async () => ({ run: (call) => runLogout(call, options) }),
 * });
 * console.log(typeof logout); // → function
 * ```
 */
export async function runLogout<C extends object>(
  call: CommandCall,
  options: LoginOptions<C>,
): Promise<number> {
  const { args, flags, environment } = call;
  const { store, signal } = options;
  const { stdout } = environment;
  if (flags.boolean('all')) {
    if (args.length > 0) throw usageError('--all takes no arguments');
    await store.removeAll({ signal });
    await stdout('Removed login credentials for all registries\n');
    return 0;
  }
  const [text] = args;
  if (text === undefined) throw usageError('please provide a registry to log out from');
  if (args.length > 1) throw usageError('logout accepts only one registry to log out from');
  const { key, host } = options.parseRegistry(text);
  if (await store.remove(key, { signal })) {
    await stdout(`Removed login credentials for ${key}\n`);
    return 0;
  }
  const known = await store.get(key, { signal });
  if (known === undefined || !(await isAccepted(options, key, host, known))) throw notLoggedIn(key);
  await stdout(
    `Not logged into ${key} with current tool. Existing credentials were established via docker login. Please use docker logout instead.\n`,
  );
  return 0;
}

function notLoggedIn(key: string): LadingError {
  return new LadingError(Code.NotFound, `not logged into ${key}`);
}

function isLogin(known: object | undefined): known is Login {
  return known !== undefined && 'username' in known && 'password' in known;
}

/** Whether the registry takes a login. What else goes wrong is an error. */
async function isAccepted<C extends object>(
  { ping }: LoginOptions<C>,
  key: string,
  host: string,
  login: C | Login,
): Promise<boolean> {
  try {
    await ping(host, login);
    return true;
  } catch (error) {
    if (hasCode(error, Code.Unauthenticated) || hasCode(error, Code.PermissionDenied)) return false;
    const { code, reason, message } = LadingError.from(error);
    throw new LadingError(code, `authenticating creds for ${quote(key)}: ${message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause: error,
    });
  }
}

/** What the flags give; empty where they give nothing. */
async function readGiven({ flags, environment }: CommandCall): Promise<Login> {
  const username = flags.string('username') ?? '';
  const password = flags.string('password') ?? '';
  if (!flags.boolean('password-stdin')) return { username, password };
  if (password !== '') throw usageError("can't specify both --password-stdin and --password");
  if (username === '') throw usageError('must provide --username with --password-stdin');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of environment.stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > longestPassword) throw usageError('the password on stdin is longer than 64 KiB');
  }
  // Lines are put together, as the Go tools do it.
  return { username, password: text.replace(/\r?\n/g, '') };
}

/** Asks for what is missing: the name on a line of stdin, the password at a terminal alone. */
async function ask({ environment }: CommandCall, given: Login, stored: string): Promise<Login> {
  const prompter = createPrompter(environment);
  let { username, password } = given;
  if (username === '') {
    const line = await prompter.line(`Username${stored === '' ? '' : ` (${stored})`}: `);
    if (line === undefined) {
      throw usageError('getting username and password: reading username: stdin has ended');
    }
    username = line.trim() === '' ? stored : line;
  }
  if (password === '') password = await prompter.hidden('Password: ', 'the password');
  return { username: username.trim(), password };
}
