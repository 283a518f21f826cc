// SPDX-License-Identifier: Apache-2.0
import {
  boolean,
  constant,
  integer,
  list,
  map,
  object,
  oneOf,
  parseDocument,
  string,
  strings,
} from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { type Hook, type Hooks, hookPoints } from '@lading/oci-spec';

/** A file of a hooks folder: a program, when it is run, and for which containers. */
export interface HookFile {
  readonly hook: Hook;
  readonly stages: readonly (keyof Hooks)[];
  readonly matches: (container: HookSubject) => boolean;
}

/** What the conditions of a hook look at. */
export interface HookSubject {
  readonly annotations: Readonly<Record<string, string>>;
  /** The program that the container runs. */
  readonly command: string;
  readonly hasBindMounts: boolean;
}

interface Document {
  readonly version: string;
  readonly hook: Hook;
  readonly when: {
    readonly always?: boolean;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly commands?: readonly string[];
    readonly hasBindMounts?: boolean;
  };
  readonly stages: readonly (keyof Hooks)[];
}

const conditions = { always: boolean, annotations: map(string), commands: strings, hasBindMounts: boolean };

const rule = object<Document>(
  {
    version: constant('1.0.0'),
    hook: object<Hook>(
      { path: string, args: strings, env: strings, timeout: integer(1, Number.MAX_SAFE_INTEGER) },
      ['path'],
    ),
    when: object<Document['when']>(conditions),
    stages: list(oneOf(...hookPoints)),
  },
  ['version', 'hook', 'when', 'stages'],
);

/** @throws LadingError `invalid_argument` naming the fault */
export function parseHookFile(text: string): HookFile {
  const { hook, when, stages } = parseDocument('hook', rule, text);
  if (!hook.path.startsWith('/') || hook.path.includes('\0')) {
    throw wrong(`hook.path ${JSON.stringify(hook.path)} is not an absolute path`);
  }
  const stranger = Object.keys(when).find((key) => !Object.hasOwn(conditions, key));
  // Left out of account, it would have the program run for more containers than was meant.
  if (stranger !== undefined) throw wrong(`when.${stranger} is no condition that is known`);
  if (stages.length === 0) throw wrong('stages is empty, so it would never be run');
  const tests = testsOf(when);
  if (tests.length === 0) throw wrong('when has no condition; for all containers write "always": true');
  return { hook, stages, matches: (container) => tests.every((test) => test(container)) };
}

type Test = (container: HookSubject) => boolean;

/** All conditions that are there must hold; of the commands one. */
function testsOf({ always, annotations = {}, commands = [], hasBindMounts }: Document['when']): Test[] {
  const pairs = Object.entries(annotations).map(([key, value]) => [pattern(key), pattern(value)] as const);
  const programs = commands.map(pattern);
  return [
    ...(always === undefined ? [] : [() => always]),
    ...(hasBindMounts === undefined ? [] : [(one: HookSubject) => one.hasBindMounts === hasBindMounts]),
    ...pairs.map(([key, value]): Test => {
      return (one) => Object.entries(one.annotations).some(([k, v]) => key.test(k) && value.test(v));
    }),
    ...(programs.length === 0
      ? []
      : [(one: HookSubject) => programs.some((program) => program.test(one.command))]),
  ];
}

/** Long ones take seconds before they are used. */
const longestPattern = 4096;

/** Of Go's language as far as ours has it: flags at the start, and ends of the text. */
function pattern(text: string): RegExp {
  if (text.length > longestPattern) {
    throw wrong(`a regular expression has ${text.length} characters; at most ${longestPattern} are taken`);
  }
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(text) ?? [];
  try {
    return new RegExp(rest.replace(/^\\A/, '^').replace(/\\z$/, '$'), `${flags}u`);
  } catch (cause) {
    throw wrong(`${JSON.stringify(text)} is no regular expression that can be read`, cause);
  }
}

function wrong(message: string, cause?: unknown): LadingError {
  return new LadingError(Code.InvalidArgument, message, { cause });
}
