// SPDX-License-Identifier: Apache-2.0
import {
  list,
  map,
  object,
  oneOf,
  parseDocument,
  pattern,
  type Rule,
  string,
  strings,
  uint32,
} from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { type Hooks, hookPoints } from '@lading/oci-spec';
import { parse } from 'yaml';

/** What a container gets with a device. */
export interface ContainerEdits {
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly {
    readonly path: string;
    readonly hostPath?: string;
    readonly type?: 'b' | 'c' | 'u' | 'p' | '';
    readonly major?: number;
    readonly minor?: number;
    readonly fileMode?: number;
    readonly permissions?: string;
    readonly uid?: number;
    readonly gid?: number;
  }[];
  readonly netDevices?: readonly { readonly hostInterfaceName: string; readonly name: string }[];
  readonly mounts?: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly options?: readonly string[];
    readonly type?: string;
  }[];
  readonly hooks?: readonly {
    readonly hookName: keyof Hooks;
    readonly path: string;
    readonly args?: readonly string[];
    readonly env?: readonly string[];
    readonly timeout?: number;
  }[];
  readonly additionalGids?: readonly number[];
}

/**
 * One file of devices of one kind.
 *
 * @see https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md
 */
export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor.com/class`. */
  readonly kind: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly devices: readonly {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly containerEdits?: ContainerEdits;
  }[];
  /** For each of its devices. */
  readonly containerEdits?: ContainerEdits;
}

const path = pattern('an absolute path', /^\//);

const edits: Rule<ContainerEdits> = object<ContainerEdits>({
  env: list(pattern('NAME=value', /^[^=]+=/)),
  deviceNodes: list(
    object<NonNullable<ContainerEdits['deviceNodes']>[number]>(
      {
        path,
        hostPath: path,
        type: oneOf('b', 'c', 'u', 'p', ''),
        major: uint32,
        minor: uint32,
        fileMode: uint32,
        permissions: pattern('of r, w and m', /^(?!.*(.).*\1)[rwm]*$/),
        uid: uint32,
        gid: uint32,
      },
      ['path'],
    ),
  ),
  netDevices: list(object({ hostInterfaceName: string, name: string }, ['hostInterfaceName', 'name'])),
  mounts: list(
    object<NonNullable<ContainerEdits['mounts']>[number]>(
      { hostPath: string, containerPath: path, options: strings, type: string },
      ['hostPath', 'containerPath'],
    ),
  ),
  hooks: list(
    object<NonNullable<ContainerEdits['hooks']>[number]>(
      {
        hookName: oneOf(...hookPoints),
        path,
        args: strings,
        env: strings,
        timeout: uint32,
      },
      ['hookName', 'path'],
    ),
  ),
  additionalGids: list(uint32),
});

const spec: Rule<CdiSpec> = object<CdiSpec>(
  {
    cdiVersion: pattern('a version', /^v?\d+\.\d+\.\d+$/),
    kind: pattern('vendor.com/class', /^[a-zA-Z][\w.-]*[a-zA-Z0-9]\/[a-zA-Z](?:[\w-]*[a-zA-Z0-9])?$/),
    annotations: map(string),
    devices: list(
      object<CdiSpec['devices'][number]>(
        {
          name: pattern('a name', /^[a-zA-Z0-9](?:[\w.:-]*[a-zA-Z0-9])?$/),
          annotations: map(string),
          containerEdits: edits,
        },
        ['name'],
      ),
    ),
    containerEdits: edits,
  },
  ['cdiVersion', 'kind', 'devices'],
);

/** @throws LadingError `invalid_argument` naming the fault */
export function parseCdiSpec(text: string, isYaml: boolean): CdiSpec {
  return parseDocument('CDI', spec, isYaml ? JSON.stringify(fromYaml(text)) : text);
}

function fromYaml(text: string): unknown {
  try {
    // Aliases that multiply are an attack on memory.
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    const [line = ''] = cause instanceof Error ? cause.message.split('\n') : [];
    throw new LadingError(Code.InvalidArgument, `it is not YAML: ${line}`, { cause });
  }
}
