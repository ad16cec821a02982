//! Calculators under MediaPipe's names and options. They are thin: the algorithms are `moue`'s.
//!
//! Each calculator has a file of its own and one line in the table of [`Registry::standard`];
//! `docs/adding-a-calculator.md` walks through a new one.

mod angle;
mod annotation_overlay;
mod closest_embeddings;
mod detection_label_id_to_text;
mod detection_letterbox_removal;
mod detection_projection;
mod detections_to_rects;
mod detections_to_render_data;
mod face_refinement;
mod face_to_tensor;
mod face_tracking;
mod flow_limiter;
mod gate;
mod gpu_transfer;
mod image_cropping;
mod image_properties;
mod image_to_tensor;
mod image_transformation;
mod inference;
mod non_max_suppression;
mod packet_thinner;
mod pass_through;
mod pixels;
mod ports;
mod previous_loopback;
mod rect_transformation;
mod ssd_anchors;
mod tensor_converter;
mod tensors_to_detections;
mod tensors_to_floats;
#[cfg(test)]
mod testing;
mod to_image;
mod value_range;
mod vector_normalization;

use crate::registry::Registry;

/// Makes a registry with the calculators of the table below.
macro_rules! registry_of {
    ($($name:literal => $calculator:ty;)+) => {{
        let mut registry = Registry::empty();
        $(registry.register::<$calculator>($name);)+
        registry
    }};
}

impl Registry {
    /// A registry with all calculators of this crate.
    ///
    /// ```
    /// use moue_graph::Registry;
    /// assert!(Registry::standard().names().any(|name| name == "FlowLimiterCalculator"));
    /// ```
    pub fn standard() -> Self {
        // MediaPipe has renamed some calculators and split others by processor; graphs with the
        // older names stay readable, so one calculator may have several lines.
        registry_of! {
            "PassThroughCalculator" => pass_through::PassThroughCalculator;
            "FlowLimiterCalculator" => flow_limiter::FlowLimiterCalculator;
            "GateCalculator" => gate::GateCalculator;
            "PacketThinnerCalculator" => packet_thinner::PacketThinnerCalculator;
            "PreviousLoopbackCalculator" => previous_loopback::PreviousLoopbackCalculator;
            "ImageTransformationCalculator" => image_transformation::ImageTransformationCalculator;
            "ImageCroppingCalculator" => image_cropping::ImageCroppingCalculator;
            "ImagePropertiesCalculator" => image_properties::ImagePropertiesCalculator;
            "GpuBufferToImageFrameCalculator" => gpu_transfer::GpuTransfer;
            "ImageFrameToGpuBufferCalculator" => gpu_transfer::GpuTransfer;
            "ToImageCalculator" => to_image::ToImageCalculator;
            "FromImageCalculator" => to_image::FromImageCalculator;
            "TfLiteConverterCalculator" => tensor_converter::TensorConverterCalculator;
            "TensorConverterCalculator" => tensor_converter::TensorConverterCalculator;
            "TfLiteInferenceCalculator" => inference::InferenceCalculator;
            "InferenceCalculator" => inference::InferenceCalculator;
            "InferenceCalculatorCpu" => inference::InferenceCalculator;
            "TfLiteTensorsToFloatsCalculator" => tensors_to_floats::TensorsToFloatsCalculator;
            "TensorsToFloatsCalculator" => tensors_to_floats::TensorsToFloatsCalculator;
            "ImageToTensorCalculator" => image_to_tensor::ImageToTensorCalculator;
            "FaceToTensorCalculator" => face_to_tensor::FaceToTensorCalculator;
            "SsdAnchorsCalculator" => ssd_anchors::SsdAnchorsCalculator;
            "TfLiteTensorsToDetectionsCalculator" => tensors_to_detections::TensorsToDetectionsCalculator;
            "TensorsToDetectionsCalculator" => tensors_to_detections::TensorsToDetectionsCalculator;
            "NonMaxSuppressionCalculator" => non_max_suppression::NonMaxSuppressionCalculator;
            "DetectionLabelIdToTextCalculator" => detection_label_id_to_text::DetectionLabelIdToTextCalculator;
            "DetectionLetterboxRemovalCalculator" => detection_letterbox_removal::DetectionLetterboxRemovalCalculator;
            "DetectionProjectionCalculator" => detection_projection::DetectionProjectionCalculator;
            "DetectionsToRectsCalculator" => detections_to_rects::DetectionsToRectsCalculator;
            "RectTransformationCalculator" => rect_transformation::RectTransformationCalculator;
            "FaceRefinementCalculator" => face_refinement::FaceRefinementCalculator;
            "FaceTrackingCalculator" => face_tracking::FaceTrackingCalculator;
            "ClosestEmbeddingsCalculator" => closest_embeddings::ClosestEmbeddingsCalculator;
            "VectorNormalizationCalculator" => vector_normalization::VectorNormalizationCalculator;
            "DetectionsToRenderDataCalculator" => detections_to_render_data::DetectionsToRenderDataCalculator;
            "AnnotationOverlayCalculator" => annotation_overlay::AnnotationOverlayCalculator;
        }
    }
}
