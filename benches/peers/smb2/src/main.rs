//! The SMB client alone: `peer-smb2 ADDRESS:PORT DOMAIN USER PASSWORD_FILE FOLDER IN_FLIGHT` lists
//! a folder of SYSVOL with all below it, reads every file and keeps none.

use std::env;
use std::error::Error;

use futures_util::{StreamExt, TryStreamExt, stream};
use smb2::{ClientConfig, SmbClient};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, domain, user, password_file, folder, in_flight] = arguments.as_slice() else {
        return Err("ADDRESS:PORT DOMAIN USER PASSWORD_FILE FOLDER IN_FLIGHT".into());
    };
    let config = ClientConfig {
        addr: address.clone(),
        username: user.clone(),
        password: std::fs::read_to_string(password_file)?.trim_end().to_owned(),
        domain: domain.clone(),
        compression: false,
        dfs_enabled: false,
        ..ClientConfig::default()
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build()?;
    runtime.block_on(read_all(config, folder, in_flight.parse()?))
}

async fn read_all(config: ClientConfig, folder: &str, in_flight: usize) -> Result<()> {
    let mut client = SmbClient::connect(config).await?;
    let tree = client.connect_share("SYSVOL").await?;
    let connection = client.connection_for(&tree)?.clone();
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while !folders.is_empty() {
        let listed = stream::iter(folders.drain(..)).map(|folder| {
            let (tree, mut connection) = (&tree, connection.clone());
            async move {
                let entries = tree.list_directory(&mut connection, &folder).await;
                entries.map(|entries| (folder, entries))
            }
        });
        let listed: Vec<_> = listed.buffer_unordered(in_flight).try_collect().await?;
        for (folder, entries) in listed {
            for entry in entries {
                let path = format!("{folder}/{}", entry.name);
                match entry.name.as_str() {
                    "." | ".." => {}
                    _ if entry.is_directory => folders.push(path),
                    _ => files.push((path, entry.size)),
                }
            }
        }
    }
    let contents = stream::iter(&files).map(|(path, size)| {
        let (tree, mut connection) = (&tree, connection.clone());
        let size = (*size).max(1);
        async move { tree.read_file_compound_sized(&mut connection, path, size).await }
    });
    let bytes: usize = contents
        .buffer_unordered(in_flight)
        .try_fold(0, |sum, content| async move { Ok(sum + content.len()) })
        .await?;
    eprintln!("{} files, {bytes} bytes", files.len());
    Ok(())
}
