// Saving what has arrived: streamed to where the person says, or as a download.

import type { ReceivedFile } from '../../engine/room';

/** What browsers with the File System Access API have. */
interface Pickers {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  showDirectoryPicker?: (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
}

/** Saves files. False if the person changed their mind. */
export async function save(files: ReceivedFile[]): Promise<boolean> {
  const pickers = window as Pickers;
  const [only] = files;
  if (!only) return false;
  try {
    if (files.length === 1 && !only.path.includes('/')) {
      if (pickers.showSaveFilePicker) await saveOne(only, pickers.showSaveFilePicker.bind(window));
      else download(only);
    } else if (pickers.showDirectoryPicker) {
      await saveFolder(files, await pickers.showDirectoryPicker({ mode: 'readwrite' }));
    } else files.forEach(download);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
    throw error;
  }
}

async function saveOne(
  file: ReceivedFile,
  pick: NonNullable<Pickers['showSaveFilePicker']>,
): Promise<void> {
  let handle: FileSystemFileHandle;
  try {
    handle = await pick({ suggestedName: file.path });
  } catch (error) {
    // Some names are not to its liking.
    if (error instanceof TypeError) return download(file);
    throw error;
  }
  await write(file.blob, handle);
}

async function saveFolder(files: ReceivedFile[], folder: FileSystemDirectoryHandle): Promise<void> {
  for (const { path, blob } of files) {
    const names = path.split('/');
    const name = names.pop()!;
    let inside = folder;
    for (const name of names) inside = await inside.getDirectoryHandle(name, { create: true });
    await write(blob, await inside.getFileHandle(await freeName(inside, name), { create: true }));
  }
}

/** Nothing that is there is overwritten. */
async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${stem} (${count})${end}`;
    try {
      await folder.getFileHandle(free);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return free;
      throw error;
    }
  }
}

async function write(blob: Blob, handle: FileSystemFileHandle): Promise<void> {
  await blob.stream().pipeTo(await handle.createWritable());
}

function download({ path, blob }: ReceivedFile): void {
  // Never a type that the browser would open as a page.
  const url = URL.createObjectURL(blob.slice(0, blob.size, 'application/octet-stream'));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = path.split('/').pop()!;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_STARTS_MS);
}

/** Browsers ask the person where to put it, and read the address only then. */
const DOWNLOAD_STARTS_MS = 10 * 60_000;
