// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { readKeyOwners } from '@lading/image-copy';
import { readPolicyFile, writePolicyFile } from '../../trust/policy-file.ts';

const types: readonly string[] = ['accept', 'reject', 'signedBy', 'sigstoreSigned'];

/** A scope of the transport docker. One with a scheme, or of anything else, would match no image, and protect nothing. */
const scopeForm = /^(\*\.)?[\w.-]+(:\d+)?(\/[\w.-]+)*(:\w[\w.-]*|@sha256:[\da-f]{64})?$/;

export async function run(call: CommandCall): Promise<number> {
  const { args, flags } = call;
  const [scope = ''] = args;
  const type = flags.string('type') ?? 'signedBy';
  if (!types.includes(type)) {
    throw usageError(
      `invalid choice: ${type} (choose from 'accept', 'reject', 'signedBy', 'sigstoreSigned')`,
    );
  }
  if (scope !== 'default' && !scopeForm.test(scope)) {
    throw usageError(
      `invalid image uri: ${JSON.stringify(scope)}: write HOST or HOST/PATH, without https://, or default`,
    );
  }
  const requirements = await requirementsOf(call, type);
  const { path, text } = await readPolicyFile(call);
  const policy = text === undefined ? {} : readPolicy(text, path);
  await writePolicyFile(path, withRequirements(policy, scope, requirements, path));
  return 0;
}

/** One for each key: an image has to be signed by all of them. */
async function requirementsOf({ flags, environment }: CommandCall, type: string): Promise<readonly object[]> {
  const keys = flags.strings('pubkeysfile').map((file) => resolve(environment.cwd, file));
  if (type === 'accept' || type === 'reject') {
    if (keys.length > 0) {
      throw usageError(`${keys.length} public keys unexpectedly provided for trust type ${type}`);
    }
    return [{ type: type === 'accept' ? 'insecureAcceptAnything' : 'reject' }];
  }
  if (keys.length === 0) {
    throw usageError(`at least one public key must be defined for type '${type}'`);
  }
  for (const keyPath of keys) await checkKey(keyPath, type);
  return keys.map((keyPath) =>
    type === 'signedBy' ? { type, keyType: 'GPGKeys', keyPath } : { type, keyPath },
  );
}

/** A policy with a key that is none refuses every image. */
async function checkKey(path: string, type: string): Promise<void> {
  try {
    const bytes = await readFile(path);
    if (type === 'signedBy') await readKeyOwners([bytes]);
  } catch (cause) {
    const { code, message } = LadingError.from(cause);
    throw new LadingError(code, `the public key ${path} cannot be used: ${message}`, { cause });
  }
}

function readPolicy(text: string, path: string): object {
  const value: unknown = JSON.parse(text);
  if (isObject(value)) return value;
  throw new LadingError(Code.InvalidArgument, `${path}: expected an object`, { reason: 'POLICY_INVALID' });
}

/** With keys in the order of their names, as other tools write them. */
function withRequirements(
  policy: object,
  scope: string,
  requirements: readonly object[],
  path: string,
): object {
  if (scope === 'default') return { ...policy, default: requirements };
  const transports = memberOf(policy, 'transports');
  if (!('default' in policy)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `${path} has no default: set one first, for images of other places (image trust set --type accept default)`,
    );
  }
  const docker = sorted({ ...memberOf(transports, 'docker'), [scope]: requirements });
  return { ...policy, transports: sorted({ ...transports, docker }) };
}

function memberOf(value: object, name: string): object {
  const member: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return isObject(member) ? member : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
