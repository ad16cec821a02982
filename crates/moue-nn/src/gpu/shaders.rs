//! The shaders: their texts, and what is bound to them.

use crate::lower::Shader;
use wgpu::{BindingType, BufferBindingType};

/// What is bound: the parameters of a step, the constants of the model, the activations, and how many
/// runs a dispatch is for.
const BINDINGS: [BufferBindingType; 4] = [
    BufferBindingType::Uniform,
    BufferBindingType::Storage { read_only: true },
    BufferBindingType::Storage { read_only: false },
    BufferBindingType::Uniform,
];

/// Threads of a workgroup.
pub(super) const THREADS: usize = 64;

pub(super) fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..).zip(BINDINGS).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: None,
        entries: &entries,
    })
}

fn entry((binding, ty): (u32, BufferBindingType)) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    }
}

pub(super) fn compile(
    device: &wgpu::Device,
    bindings: &wgpu::BindGroupLayout,
    shader: Shader,
) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(text(shader).into()),
    });
    // One layout for all shaders, or bindings of one would not do for another.
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        bind_group_layouts: &[Some(bindings)],
        ..Default::default()
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: Some(&layout),
        module: &module,
        entry_point: None,
        compilation_options: Default::default(),
        cache: None,
    })
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("shaders/", $name, ".wgsl"))
    };
}

/// The whole text: WGSL has no way to include a file.
fn text(shader: Shader) -> String {
    let parts = match shader {
        Shader::Conv | Shader::Depthwise => &[file!("vectors"), file!("window"), file!("epilogue")],
        Shader::Pool => &[file!("vectors"), file!("window")][..],
        Shader::Binary | Shader::Resize | Shader::Unary => &[file!("vectors"), file!("each")],
        Shader::Matrix => &[file!("scalars")],
        _ => &[file!("scalars"), file!("each")],
    };
    [&[file!("common")], parts, &[own(shader)]]
        .concat()
        .join("\n")
}

fn own(shader: Shader) -> &'static str {
    match shader {
        Shader::Binary => file!("binary"),
        Shader::Conv => file!("conv"),
        Shader::Crop => file!("crop"),
        Shader::DepthToSpace => file!("depth_to_space"),
        Shader::Depthwise => file!("depthwise"),
        Shader::Landmarks => file!("landmarks"),
        Shader::Matrix => file!("matrix"),
        Shader::Pool => file!("pool"),
        Shader::Reduce => file!("reduce"),
        Shader::Repack => file!("repack"),
        Shader::Resize => file!("resize"),
        Shader::Rows => file!("rows"),
        Shader::Unary => file!("unary"),
        Shader::View => file!("view"),
    }
}
