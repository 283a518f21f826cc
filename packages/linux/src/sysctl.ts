// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/** Which kernel parameters a namespace has for itself, by the start of their dotted names. */
const owners: Readonly<Record<'net' | 'ipc' | 'uts', RegExp>> = {
  net: /^net\./,
  ipc: /^(?:kernel\.(?:shm|msg)[a-z_]*|kernel\.sem|fs\.mqueue\.[a-z_]+)$/,
  uts: /^kernel\.(?:hostname|domainname)$/,
};

/**
 * The file of a kernel parameter. Names are dotted, or slashed as in sysctl(8) for those with a dot in a part
 * (`net/ipv4/conf/eth0.100/rp_filter`).
 *
 * @throws LadingError `invalid_argument` for what is no name, and for a parameter that none of the namespaces owns
 */
export function sysctlPath(name: string, namespaces: readonly (keyof typeof owners)[]): string {
  const slashed = /^[^./]*\//.test(name);
  const parts = slashed ? name.split('/') : name.split('.');
  if (!parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))) {
    throw new LadingError(Code.InvalidArgument, `${JSON.stringify(name)} is no name of a sysctl`);
  }
  const dotted = parts.join('.');
  if (!namespaces.some((kind) => owners[kind].test(dotted))) {
    throw new LadingError(
      Code.InvalidArgument,
      `sysctl ${dotted} is not one that a ${namespaces.join(' or ')} namespace has for itself; it would change the whole machine`,
    );
  }
  return `/proc/sys/${parts.join('/')}`;
}
