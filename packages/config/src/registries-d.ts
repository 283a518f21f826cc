// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';
import { exists } from './registries-paths.ts';
import { shown } from './text.ts';
import { parseYaml } from './yaml.ts';

/** Where the signatures of the images of one scope are kept. */
export interface SignatureStorage {
  /** A URL (`file:`, `http:`, `https:`) to read from, and to write to without `lookasideStaging`. */
  readonly lookaside: string | undefined;
  readonly lookasideStaging: string | undefined;
  /** Whether sigstore signatures beside the image in the registry are used. */
  readonly useSigstoreAttachments: boolean | undefined;
}

/** The files of `registries.d`, as one. */
export interface SignatureStorages {
  readonly defaultDocker: SignatureStorage | undefined;
  readonly docker: ReadonlyMap<string, SignatureStorage>;
}

/** Options of {@link loadSignatureStorages}. */
export interface LoadSignatureStoragesOptions {
  /** Default: `~/.config/containers/registries.d` if it is there, else `/etc/containers/registries.d`. */
  readonly directory?: string | undefined;
  /** Default: `process.env`; only `HOME` is read. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads the `*.yaml` files of a `registries.d` folder; without one there is nothing in it.
 *
 * @throws InvalidArgument naming the file, also when two files have the same scope
 * @see https://github.com/containers/image/blob/main/docs/containers-registries.d.5.md
 */
export async function loadSignatureStorages(
  options: LoadSignatureStoragesOptions = {},
): Promise<SignatureStorages> {
  const { env = process.env, signal } = options;
  const user = join(env.HOME || homedir(), '.config/containers/registries.d');
  const directory = options.directory ?? (exists(user) ? user : '/etc/containers/registries.d');
  let defaultDocker: SignatureStorage | undefined;
  const docker = new Map<string, SignatureStorage>();
  for (const name of list(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    const path = join(directory, name);
    const text = await readText(path, signal);
    if (text === undefined) continue;
    const file = await parseSignatureStorages(text, path);
    if (file.defaultDocker !== undefined) {
      if (defaultDocker !== undefined) throw fault(path, 'default-docker is in another file too');
      defaultDocker = file.defaultDocker;
    }
    for (const [scope, storage] of file.docker) {
      if (docker.has(scope)) throw fault(path, `docker: ${shown(scope)} is in another file too`);
      docker.set(scope, storage);
    }
  }
  return { defaultDocker, docker };
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code, message } = LadingError.from(error);
    if (code === Code.NotFound) return [];
    throw new LadingError(code, `cannot read ${directory}: ${message}`, { cause: error });
  }
}

function fault(file: string, message: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${file}: ${message}`, { reason: 'CONFIG_INVALID' });
}

/** Reads one file of `registries.d`. */
export async function parseSignatureStorages(text: string, file: string): Promise<SignatureStorages> {
  const document = await parseYaml(text, file);
  if (document === null) return { defaultDocker: undefined, docker: new Map() };
  if (!(document instanceof Map)) throw fault(file, 'expected a mapping');
  const fallback: unknown = document.get('default-docker') ?? undefined;
  const scopes: unknown = document.get('docker') ?? new Map();
  if (!(scopes instanceof Map)) throw fault(file, 'docker: expected a mapping');
  const docker = new Map<string, SignatureStorage>();
  for (const [scope, value] of scopes) {
    if (typeof scope !== 'string') throw fault(file, 'docker: a key is not a string');
    docker.set(scope, readStorage(value, file, `docker: ${shown(scope)}`));
  }
  return {
    defaultDocker: fallback === undefined ? undefined : readStorage(fallback, file, 'default-docker'),
    docker,
  };
}

/** With the words of YAML 1.1 that the Go tools take too. */
const booleans: ReadonlyMap<unknown, boolean | 'unset'> = new Map<unknown, boolean | 'unset'>([
  [undefined, 'unset'],
  ...[true, 'y', 'Y', 'yes', 'on'].map((word) => [word, true] as const),
  ...[false, 'n', 'N', 'no', 'off'].map((word) => [word, false] as const),
]);

function readStorage(value: unknown, file: string, where: string): SignatureStorage {
  const members = value ?? new Map();
  if (!(members instanceof Map)) throw fault(file, `${where}: expected a mapping`);
  const string = (key: string): string | undefined => {
    const found: unknown = members.get(key) ?? '';
    if (typeof found !== 'string') throw fault(file, `${where}: ${key}: expected a string`);
    return found === '' ? undefined : found;
  };
  const flag = booleans.get(members.get('use-sigstore-attachments') ?? undefined);
  if (flag === undefined) throw fault(file, `${where}: use-sigstore-attachments: expected true or false`);
  return {
    lookaside: string('lookaside') ?? string('sigstore'),
    lookasideStaging: string('lookaside-staging') ?? string('sigstore-staging'),
    useSigstoreAttachments: flag === 'unset' ? undefined : flag,
  };
}
