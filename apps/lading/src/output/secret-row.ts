// SPDX-License-Identifier: Apache-2.0
import { humanAge } from '@lading/command-line';
import type { SecretInfo } from '@lading/engine';
import { parseGoTime } from '@lading/go-template';

/** Titles of `secret ls` columns, by the name of the field. */
export const secretHeaders: Readonly<Record<string, string>> = {
  ID: 'ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  CreatedAt: 'CREATED',
  UpdatedAt: 'UPDATED',
};

/** A secret as `secret ls` shows it. */
export function secretRow({ id, name, createdAt, updatedAt }: SecretInfo): Readonly<Record<string, string>> {
  const ago = (time: string): string => humanAge(new Date(time));
  return { ID: id, Name: name, Driver: 'file', CreatedAt: ago(createdAt), UpdatedAt: ago(updatedAt) };
}

/** A secret as `secret inspect` shows it, in podman's words. */
export function secretDetails(
  { id, name, createdAt, updatedAt, labels }: SecretInfo,
  data?: string,
): Readonly<Record<string, unknown>> {
  return {
    ID: id,
    CreatedAt: parseGoTime(createdAt),
    UpdatedAt: parseGoTime(updatedAt),
    Spec: {
      Name: name,
      Driver: { Name: 'file', Options: new Map<string, string>() },
      Labels: new Map(Object.entries(labels)),
    },
    ...(data !== undefined && { SecretData: data }),
  };
}
