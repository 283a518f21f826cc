// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Code, LadingError } from '@lading/errors';
import { parseSpec, type Seccomp } from '@lading/oci-spec';

const limitBytes = 4 << 20;

/** What a rule of a profile may hang on: capabilities of the process, the machine, its kernel. */
interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

export interface ProfileSubject {
  /** The bounding set of the process. */
  readonly capabilities: readonly string[];
  /** As images have it: `amd64`. */
  readonly architecture: string;
  /** As `uname -r` tells it. */
  readonly kernel: string;
}

/** `amd64` and so on, as libseccomp calls them, for profiles with a map of architectures. */
const libseccompNames: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390x: 'SCMP_ARCH_S390X',
};

/** @throws LadingError `not_found`, `invalid_argument` naming the file */
export async function readSeccompProfile(path: string, subject: ProfileSubject): Promise<Seccomp> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const failure = LadingError.from(error);
    throw new LadingError(failure.code, `cannot read the seccomp profile ${path}: ${failure.message}`, {
      cause: error,
    });
  }
  try {
    return parseSeccompProfile(text, subject);
  } catch (error) {
    throw new LadingError(
      Code.InvalidArgument,
      `the seccomp profile ${path} is not valid: ${LadingError.from(error).message}`,
      { cause: error },
    );
  }
}

/**
 * A profile in the form that container tools share: that of the runtime spec, in which rules may have conditions,
 * `name` in place of `names`, and a map of architectures.
 *
 * @throws LadingError `invalid_argument`
 */
export function parseSeccompProfile(text: string, subject: ProfileSubject): Seccomp {
  if (text.length > limitBytes) throw invalid(`it is larger than ${limitBytes} bytes`);
  const profile = parseJson(text);
  if (!isObject(profile)) throw invalid('it is not a JSON object');
  const { archMap, syscalls = [], ...rest } = profile;
  if (!Array.isArray(syscalls)) throw invalid('syscalls is not a list');
  const mapped = architecturesOf(archMap, subject.architecture);
  const seccomp = {
    ...rest,
    ...(mapped !== undefined && { architectures: mapped }),
    syscalls: syscalls.flatMap((rule: unknown) => ruleOf(rule, subject)),
  };
  const { linux } = parseSpec(JSON.stringify({ ociVersion: '1.0.2', linux: { seccomp } }));
  if (linux?.seccomp === undefined) throw invalid('it is empty');
  return linux.seccomp;
}

function ruleOf(rule: unknown, subject: ProfileSubject): readonly object[] {
  if (!isObject(rule)) throw invalid('a rule is not an object');
  const { name, names, includes, excludes, comment: _comment, args, ...rest } = rule;
  if (isObject(includes) && !isMet(includes, subject)) return [];
  if (isObject(excludes) && Object.keys(excludes).length > 0 && excludesAny(excludes, subject)) return [];
  const all = [...(typeof name === 'string' ? [name] : []), ...(Array.isArray(names) ? names : [])];
  return [{ ...rest, names: all, ...(Array.isArray(args) && args.length > 0 && { args }) }];
}

/** One of the capabilities, one of the machines, and the kernel. */
function isMet({ caps, arches, minKernel }: Condition, subject: ProfileSubject): boolean {
  return (
    (!caps?.length || caps.some((name) => subject.capabilities.includes(name))) &&
    (!arches?.length || arches.includes(subject.architecture)) &&
    (!minKernel || isAtLeast(subject.kernel, minKernel))
  );
}

function excludesAny({ caps = [], arches = [], minKernel }: Condition, subject: ProfileSubject): boolean {
  return (
    caps.some((name) => subject.capabilities.includes(name)) ||
    arches.includes(subject.architecture) ||
    (minKernel !== undefined && minKernel !== '' && isAtLeast(subject.kernel, minKernel))
  );
}

function isAtLeast(kernel: string, least: string): boolean {
  const [own, wanted] = [kernel, least].map((text) => text.split(/\D+/, 2).map(Number));
  const [major = 0, minor = 0] = own ?? [];
  const [leastMajor = 0, leastMinor = 0] = wanted ?? [];
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function architecturesOf(map: unknown, architecture: string): readonly unknown[] | undefined {
  if (!Array.isArray(map)) return undefined;
  const own = libseccompNames[architecture];
  const entry: unknown = map.find((item: unknown) => isObject(item) && item.architecture === own);
  if (!isObject(entry)) return [];
  const others = entry.subArchitectures;
  return [own, ...(Array.isArray(others) ? others : [])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new LadingError(Code.InvalidArgument, 'it is not JSON', { cause });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): LadingError {
  return new LadingError(Code.InvalidArgument, message);
}
