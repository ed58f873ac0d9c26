// What pages that are gone have left on the disk. A page deletes its folder when it goes, but one that
// is killed cannot.

/** Begins the names of our folders. Each is also the name of a lock, which its page holds. */
export const PREFIX = 'snug-';

/** Deletes the folders that no page holds any more. */
export async function sweep(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  for await (const name of root.keys()) {
    if (name.startsWith(PREFIX)) await deleteOrphan(root, name);
  }
}

async function deleteOrphan(root: FileSystemDirectoryHandle, name: string): Promise<void> {
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await root.removeEntry(name, { recursive: true }).catch(() => undefined);
  });
}
