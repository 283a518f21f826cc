// SPDX-License-Identifier: Apache-2.0
import { boolean, list, object, oneOf, type Rule, string, strings, uint8, uint32 } from '@lading/document';

/** A device that is made visible in /dev. */
export interface FreeBsdDevice {
  /** REQUIRED: relative to /dev. */
  readonly path: string;
  /** Permissions, as a decimal number in JSON. */
  readonly mode?: number;
}

/** Whether the jail has the thing, of its own or its parent's. */
export type FreeBsdSharing = 'disable' | 'new' | 'inherit';

const sharing: Rule<FreeBsdSharing> = oneOf('disable', 'new', 'inherit');

/** As {@link FreeBsdSharing}, of what a jail cannot be without. */
export type FreeBsdSharingOrNew = 'new' | 'inherit';

const sharingOrNew: Rule<FreeBsdSharingOrNew> = oneOf('new', 'inherit');

/** What the jail may do. */
export interface FreeBsdJailAllow {
  readonly setHostname?: boolean;
  readonly rawSockets?: boolean;
  readonly chflags?: boolean;
  /** Types of file systems. */
  readonly mount?: readonly string[];
  readonly quotas?: boolean;
  readonly socketAf?: boolean;
  readonly mlock?: boolean;
  readonly reservedPorts?: boolean;
  readonly suser?: boolean;
}

/** Parameters of jail(8). */
export interface FreeBsdJail {
  /** Jail above. */
  readonly parent?: string;
  readonly host?: FreeBsdSharingOrNew;
  readonly ip4?: FreeBsdSharing;
  readonly ip4Addr?: readonly string[];
  readonly ip6?: FreeBsdSharing;
  readonly ip6Addr?: readonly string[];
  /** `new` for a network stack of its own. */
  readonly vnet?: FreeBsdSharingOrNew;
  /** Interface that gets the addresses. */
  readonly interface?: string;
  /** Interfaces that move into the jail. */
  readonly vnetInterfaces?: readonly string[];
  readonly sysvmsg?: FreeBsdSharing;
  readonly sysvsem?: FreeBsdSharing;
  readonly sysvshm?: FreeBsdSharing;
  /** 0 sees all mounts, 1 those below the root, 2 only the root's. */
  readonly enforceStatfs?: number;
  readonly allow?: FreeBsdJailAllow;
}

/**
 * The section of FreeBSD.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-freebsd.md
 */
export interface FreeBsd {
  readonly devices?: readonly FreeBsdDevice[];
  readonly jail?: FreeBsdJail;
}

export const freebsd: Rule<FreeBsd> = object<FreeBsd>({
  devices: list(object<FreeBsdDevice>({ path: string, mode: uint32 }, ['path'])),
  jail: object<FreeBsdJail>({
    parent: string,
    host: sharingOrNew,
    ip4: sharing,
    ip4Addr: strings,
    ip6: sharing,
    ip6Addr: strings,
    vnet: sharingOrNew,
    interface: string,
    vnetInterfaces: strings,
    sysvmsg: sharing,
    sysvsem: sharing,
    sysvshm: sharing,
    enforceStatfs: uint8,
    allow: object<FreeBsdJailAllow>({
      setHostname: boolean,
      rawSockets: boolean,
      chflags: boolean,
      mount: strings,
      quotas: boolean,
      socketAf: boolean,
      mlock: boolean,
      reservedPorts: boolean,
      suser: boolean,
    }),
  }),
});
