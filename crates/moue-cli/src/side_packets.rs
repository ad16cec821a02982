//! Side packets from files.

use crate::commands::open_gallery;
use anyhow::{Context, Result, bail};
use moue_graph::{Collection, Graph, Labels, Packet, PacketType};
use npyz::NpyFile;
use std::path::Path;

/// The side packet `name` of `graph`, read from `path`: what the node that reads it wants decides
/// how.
pub(crate) fn read(graph: &Graph, name: &str, path: &Path) -> Result<Packet> {
    let side_packets = graph.side_packets();
    let Some(info) = side_packets.iter().find(|info| info.name == name) else {
        let known: Vec<&str> = side_packets.iter().map(|s| s.name.as_str()).collect();
        bail!(
            "the graph reads no side packet {name}; it reads {}",
            known.join(", ")
        );
    };
    let ending = path
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let packet = match (info.packet_type, ending.as_str()) {
        (Some(kind), "npy") if kind == PacketType::of::<Collection>() => npy(path),
        (Some(kind), _) if kind == PacketType::of::<Collection>() => {
            gallery(path).map(|(c, _)| Packet::new(c))
        }
        (Some(kind), "moue" | "") if kind == PacketType::of::<Labels>() => {
            gallery(path).map(|(_, l)| Packet::new(l))
        }
        (Some(kind), _) if kind == PacketType::of::<Labels>() => labels(path),
        _ => bail!(
            "{} wants something as {name} that is not read from files",
            info.reader
        ),
    };
    packet.with_context(|| format!("--side {name}={}", path.display()))
}

/// The built-in gallery for vectors and labels that were not given.
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

fn gallery(path: &Path) -> Result<(Collection, Labels)> {
    Ok(Collection::from_gallery(&open_gallery(path)?)?)
}

fn labels(path: &Path) -> Result<Packet> {
    let labels: Labels = std::fs::read_to_string(path)?
        .lines()
        .map(str::to_owned)
        .collect();
    Ok(Packet::new(labels))
}

/// A table of numbers as NumPy saves it, a row for each vector.
fn npy(path: &Path) -> Result<Packet> {
    let file = NpyFile::new(std::io::BufReader::new(std::fs::File::open(path)?))?;
    let [_, length] = file.shape()[..] else {
        bail!("not a table but an array of shape {:?}", file.shape())
    };
    if file.order() != npyz::Order::C {
        bail!("the table is stored by columns; save it with numpy.ascontiguousarray");
    }
    let values = match file.try_data::<f32>() {
        Ok(numbers) => numbers.collect::<Result<Vec<f32>, _>>()?,
        Err(file) => match file.try_data::<f64>() {
            Ok(numbers) => numbers
                .map(|v| v.map(|v| v as f32))
                .collect::<Result<Vec<f32>, _>>()?,
            Err(_) => bail!("its numbers are neither float32 nor float64"),
        },
    };
    Ok(Packet::new(
        Collection::new(usize::try_from(length)?, values).context("the table is empty")?,
    ))
}
