// SPDX-License-Identifier: Apache-2.0
// Pushes the image with the tag 1 of an OCI layout: push-layout FOLDER REFERENCE
import { parseReference } from '@lading/image-spec';
import { createRegistryClient, pushImage } from '@lading/registry-client';
import { openLayout } from '@lading/registry-client/layout';

const [folder = '', text = ''] = process.argv.slice(2);
const reference = parseReference(text);
await using client = createRegistryClient({ tlsVerify: false });
await pushImage(client.repository(reference), '1', await openLayout(folder), { tag: reference.tag });
