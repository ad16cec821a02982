//! Side packets from files.

use crate::inputs::open_gallery;
use crate::npy;
use anyhow::{Context, Result, bail};
use moue_graph::{Collection, Graph, Labels, Packet, PacketType, SidePacketInfo};
use std::path::Path;

/// The side packet `name` of `graph`, read from `path`. The type that its reader takes decides how.
pub(crate) fn read(graph: &Graph, name: &str, path: &Path) -> Result<Packet> {
    let side_packets = graph.side_packets();
    let Some(info) = side_packets.iter().find(|info| info.name == name) else {
        let known: Vec<&str> = side_packets.iter().map(|info| info.name.as_str()).collect();
        bail!(
            "the graph reads no side packet {name}; it reads {}",
            known.join(", ")
        );
    };
    read_as(info, path).with_context(|| format!("--side {name}={}", path.display()))
}

fn read_as(info: &SidePacketInfo, path: &Path) -> Result<Packet> {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let ending = ending.to_lowercase();
    let is_collection = info.packet_type == Some(PacketType::of::<Collection>());
    let is_labels = info.packet_type == Some(PacketType::of::<Labels>());
    match ending.as_str() {
        "npy" if is_collection => read_npy(path),
        _ if is_collection => Ok(Packet::new(read_gallery(path)?.0)),
        // `builtin` and `emoji` have no ending.
        "moue" | "" if is_labels => Ok(Packet::new(read_gallery(path)?.1)),
        _ if is_labels => read_labels(path),
        _ => bail!(
            "{} takes a type as {} that cannot be read from a file",
            info.reader,
            info.name
        ),
    }
}

/// The built-in gallery as the side packets that were not given.
pub(crate) fn builtin(graph: &Graph, given: &[String]) -> Result<Vec<(String, Packet)>> {
    let mut packets = Vec::new();
    for info in graph.side_packets() {
        if !given.contains(&info.name) {
            let packet = read(graph, &info.name, Path::new("builtin"))?;
            packets.push((info.name, packet));
        }
    }
    Ok(packets)
}

fn read_gallery(path: &Path) -> Result<(Collection, Labels)> {
    Ok(Collection::from_gallery(&open_gallery(path)?)?)
}

/// A text file, one label a line.
fn read_labels(path: &Path) -> Result<Packet> {
    let text = std::fs::read_to_string(path)?;
    let labels: Labels = text.lines().map(str::to_owned).collect();
    Ok(Packet::new(labels))
}

/// A table as NumPy saves it, a row for each vector.
fn read_npy(path: &Path) -> Result<Packet> {
    let file = npy::open(path)?;
    let [_, length] = *file.shape() else {
        bail!("not a table but an array of shape {:?}", file.shape())
    };
    file.require_rows()?;
    let collection = Collection::new(usize::try_from(length)?, file.into_floats()?);
    Ok(Packet::new(collection.context("the table is empty")?))
}
