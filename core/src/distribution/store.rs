//! Distribution's directory: blobs by digest, and for each repository links to them (`registry/storage/paths.go`).

use bytes::Bytes;

use crate::kernel::{Errno, Kernel, RenameFlags, Result, Task, fs};
use crate::oci::Digest;

/// A registry's directory.
#[derive(Debug, Clone)]
pub struct Store {
    /// The task that reads and writes the store.
    pub task: Task,
    /// `docker/registry/v2` in the registry's root directory.
    root: String,
}

/// An upload in progress.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'u> {
    /// Its repository.
    pub repository: &'u str,
    /// Its name.
    pub id: &'u str,
}

impl Store {
    /// A registry in `root`, as `task` sees it.
    pub fn new(task: Task, root: &str) -> Self {
        Self { task, root: format!("{}/docker/registry/v2", root.trim_end_matches('/')) }
    }

    fn repository(&self, name: &str) -> String {
        format!("{}/repositories/{name}", self.root)
    }

    fn blob_dir(&self, digest: &Digest) -> String {
        let hex = digest.hex();
        format!("{}/blobs/{}/{}/{hex}", self.root, digest.algorithm(), &hex[..2])
    }

    /// The file of a blob.
    pub fn blob_path(&self, digest: &Digest) -> String {
        format!("{}/data", self.blob_dir(digest))
    }

    fn layer_link(&self, name: &str, digest: &Digest) -> String {
        format!("{}/_layers/{}/{}/link", self.repository(name), digest.algorithm(), digest.hex())
    }

    fn revision_link(&self, name: &str, digest: &Digest) -> String {
        format!("{}/_manifests/revisions/{}/{}/link", self.repository(name), digest.algorithm(), digest.hex())
    }

    fn tags_dir(&self, name: &str) -> String {
        format!("{}/_manifests/tags", self.repository(name))
    }

    fn upload_dir(&self, upload: Upload<'_>) -> String {
        format!("{}/_uploads/{}", self.repository(upload.repository), upload.id)
    }

    /// The file that an upload grows in.
    pub fn upload_path(&self, upload: Upload<'_>) -> String {
        format!("{}/data", self.upload_dir(upload))
    }

    fn put(&self, kernel: &mut dyn Kernel, path: &str, data: &[u8]) -> Result<()> {
        let dir = path.rsplit_once('/').map_or("/", |(dir, _)| dir);
        fs::mkdir_all(kernel, &self.task, dir.as_bytes(), 0o755)?;
        fs::write(kernel, &self.task, path.as_bytes(), data, 0o644)
    }

    fn read(&self, kernel: &mut dyn Kernel, path: &str) -> Result<Option<Bytes>> {
        match fs::read(kernel, &self.task, path.as_bytes()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn linked(&self, kernel: &mut dyn Kernel, path: &str) -> Result<Option<Digest>> {
        let text = self.read(kernel, path)?;
        Ok(text.and_then(|text| Digest::parse(&String::from_utf8_lossy(&text)).ok()))
    }

    fn names(&self, kernel: &mut dyn Kernel, path: &str) -> Result<Option<Vec<String>>> {
        match fs::read_dir_sorted(kernel, &self.task, path.as_bytes()) {
            Ok(entries) => Ok(Some(entries.into_iter().map(|entry| entry.name.to_text()).collect())),
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// The size of a blob that a repository has.
    pub fn blob_size(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<Option<u64>> {
        if self.linked(kernel, &self.layer_link(name, digest))?.is_none() {
            return Ok(None);
        }
        Ok(fs::lstat_opt(kernel, &self.task, self.blob_path(digest).as_bytes())?.map(|stat| stat.size))
    }

    /// A blob's bytes, whoever has it.
    pub fn blob(&self, kernel: &mut dyn Kernel, digest: &Digest) -> Result<Option<Bytes>> {
        self.read(kernel, &self.blob_path(digest))
    }

    /// Gives a repository a blob that is there.
    pub fn link_blob(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<()> {
        self.put(kernel, &self.layer_link(name, digest), digest.to_string().as_bytes())
    }

    /// Takes a blob from a repository; its bytes stay until they are collected. Returns whether it had it.
    pub fn unlink_blob(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<bool> {
        if self.blob_size(kernel, name, digest)?.is_none() {
            return Ok(false);
        }
        kernel.unlink(&self.task, self.layer_link(name, digest).as_bytes())?;
        Ok(true)
    }

    /// Gives a repository a blob by its bytes.
    pub fn put_blob(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest, bytes: &[u8]) -> Result<()> {
        self.put(kernel, &self.blob_path(digest), bytes)?;
        self.link_blob(kernel, name, digest)
    }

    /// Begins an upload.
    pub fn begin(&self, kernel: &mut dyn Kernel, upload: Upload<'_>, started: &str) -> Result<()> {
        self.put(kernel, &format!("{}/startedat", self.upload_dir(upload)), started.as_bytes())?;
        self.put(kernel, &self.upload_path(upload), b"")
    }

    /// How many bytes of an upload have come.
    pub fn upload_size(&self, kernel: &mut dyn Kernel, upload: Upload<'_>) -> Result<Option<u64>> {
        Ok(fs::lstat_opt(kernel, &self.task, self.upload_path(upload).as_bytes())?.map(|stat| stat.size))
    }

    /// Throws an upload away.
    pub fn cancel(&self, kernel: &mut dyn Kernel, upload: Upload<'_>) -> Result<()> {
        fs::remove_all(kernel, &self.task, self.upload_dir(upload).as_bytes())
    }

    /// Makes a whole upload a blob of its repository.
    pub fn finish(&self, kernel: &mut dyn Kernel, upload: Upload<'_>, digest: &Digest) -> Result<()> {
        let dir = self.blob_dir(digest);
        fs::mkdir_all(kernel, &self.task, dir.as_bytes(), 0o755)?;
        let from = self.upload_path(upload);
        let to = self.blob_path(digest);
        kernel.rename(&self.task, from.as_bytes(), to.as_bytes(), RenameFlags::default())?;
        self.cancel(kernel, upload)?;
        self.link_blob(kernel, upload.repository, digest)
    }

    /// The manifest that a tag means.
    pub fn tagged(&self, kernel: &mut dyn Kernel, name: &str, tag: &str) -> Result<Option<Digest>> {
        self.linked(kernel, &format!("{}/{tag}/current/link", self.tags_dir(name)))
    }

    /// A repository's tags, sorted; `None` where it has never had one.
    pub fn tags(&self, kernel: &mut dyn Kernel, name: &str) -> Result<Option<Vec<String>>> {
        self.names(kernel, &self.tags_dir(name))
    }

    /// A repository's manifest.
    pub fn manifest(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<Option<Bytes>> {
        match self.linked(kernel, &self.revision_link(name, digest))? {
            Some(_) => self.blob(kernel, digest),
            None => Ok(None),
        }
    }

    /// The digests of a repository's manifests, sorted.
    pub fn revisions(&self, kernel: &mut dyn Kernel, name: &str) -> Result<Vec<Digest>> {
        let dir = format!("{}/_manifests/revisions/sha256", self.repository(name));
        let mut found = Vec::new();
        for hex in self.names(kernel, &dir)?.unwrap_or_default() {
            let Ok(digest) = Digest::parse(&format!("sha256:{hex}")) else { continue };
            if self.linked(kernel, &self.revision_link(name, &digest))?.is_some() {
                found.push(digest);
            }
        }
        Ok(found)
    }

    /// Stores a manifest, under a tag if there is one.
    pub fn put_manifest(
        &self,
        kernel: &mut dyn Kernel,
        name: &str,
        tag: Option<&str>,
        bytes: &[u8],
    ) -> Result<Digest> {
        let digest = Digest::of(bytes);
        let text = digest.to_string();
        self.put(kernel, &self.blob_path(&digest), bytes)?;
        self.put(kernel, &self.revision_link(name, &digest), text.as_bytes())?;
        if let Some(tag) = tag {
            let dir = format!("{}/{tag}", self.tags_dir(name));
            self.put(kernel, &format!("{dir}/current/link"), text.as_bytes())?;
            let index = format!("{dir}/index/{}/{}/link", digest.algorithm(), digest.hex());
            self.put(kernel, &index, text.as_bytes())?;
        }
        Ok(digest)
    }

    /// Takes a manifest from a repository, and the tags that mean it. Returns whether it had it.
    pub fn delete_manifest(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<bool> {
        if self.manifest(kernel, name, digest)?.is_none() {
            return Ok(false);
        }
        kernel.unlink(&self.task, self.revision_link(name, digest).as_bytes())?;
        for tag in self.tags(kernel, name)?.unwrap_or_default() {
            if self.tagged(kernel, name, &tag)? == Some(*digest) {
                let dir = format!("{}/{tag}", self.tags_dir(name));
                fs::remove_all(kernel, &self.task, dir.as_bytes())?;
            }
        }
        Ok(true)
    }

    /// Forgets that a tag meant a manifest once, and the manifest.
    pub(super) fn drop_manifest(&self, kernel: &mut dyn Kernel, name: &str, digest: &Digest) -> Result<()> {
        for tag in self.tags(kernel, name)?.unwrap_or_default() {
            let index = format!("{}/{tag}/index/sha256/{}", self.tags_dir(name), digest.hex());
            fs::remove_all(kernel, &self.task, index.as_bytes())?;
        }
        let link = self.revision_link(name, digest);
        fs::remove_all(kernel, &self.task, link.trim_end_matches("/link").as_bytes())
    }

    /// The repositories, sorted: directories that have layers.
    pub fn repositories(&self, kernel: &mut dyn Kernel) -> Result<Vec<String>> {
        let top = format!("{}/repositories", self.root);
        let mut found = Vec::new();
        let mut todo = self.names(kernel, &top)?.unwrap_or_default();
        while let Some(name) = todo.pop() {
            let Some(below) = self.names(kernel, &self.repository(&name))? else { continue };
            if below.iter().any(|entry| entry == "_layers") {
                found.push(name.clone());
            }
            todo.extend(below.iter().filter(|e| !e.starts_with('_')).map(|entry| format!("{name}/{entry}")));
        }
        found.sort();
        Ok(found)
    }

    /// All blobs, sorted; `None` where there is no directory of them.
    pub(super) fn blobs(&self, kernel: &mut dyn Kernel) -> Result<Option<Vec<Digest>>> {
        let top = format!("{}/blobs/sha256", self.root);
        let Some(heads) = self.names(kernel, &top)? else { return Ok(None) };
        let mut found = Vec::new();
        for head in heads {
            let names = self.names(kernel, &format!("{top}/{head}"))?.unwrap_or_default();
            found.extend(names.iter().filter_map(|hex| Digest::parse(&format!("sha256:{hex}")).ok()));
        }
        Ok(Some(found))
    }

    /// Deletes a blob's bytes, and returns the directory as the registry names it.
    pub(super) fn delete_blob(&self, kernel: &mut dyn Kernel, digest: &Digest) -> Result<String> {
        let dir = self.blob_dir(digest);
        fs::remove_all(kernel, &self.task, dir.as_bytes())?;
        Ok(self.shown(&dir))
    }

    /// A path as the registry's log names it: from its root directory.
    pub(super) fn shown(&self, path: &str) -> String {
        let top = self.root.trim_end_matches("/docker/registry/v2");
        path.strip_prefix(top).unwrap_or(path).to_owned()
    }

    /// A revision's directory as the log names it.
    pub(super) fn shown_revision(&self, name: &str, digest: &Digest) -> String {
        self.shown(self.revision_link(name, digest).trim_end_matches("/link"))
    }
}
