//! Copies that are there whole or not at all, as S3 makes them.

use std::pin::Pin;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

/// A folder that answers what the blob store asks.
///
/// The file system behind it empties the target of a copy before it fills it, so that who reads a blob while the same
/// one is uploaded again would find it short. Objects that are put come by a rename, so a copy is put here.
#[derive(Debug)]
pub(super) struct WholeCopies(pub(super) FileSystem);

type Answer<'a, T> = Pin<Box<dyn Future<Output = S3Result<S3Response<T>>> + Send + 'a>>;

macro_rules! passed_on {
    ($($name:ident: $Input:ty => $Output:ty,)+) => {
        $(
            fn $name<'a, 'b>(&'a self, request: S3Request<$Input>) -> Answer<'b, $Output>
            where
                'a: 'b,
                Self: 'b,
            {
                self.0.$name(request)
            }
        )+
    };
}

impl S3 for WholeCopies {
    fn copy_object<'a, 'b>(
        &'a self,
        request: S3Request<CopyObjectInput>,
    ) -> Answer<'b, CopyObjectOutput>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.copied(request))
    }

    passed_on! {
        abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
        complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
        create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
        delete_object: DeleteObjectInput => DeleteObjectOutput,
        get_object: GetObjectInput => GetObjectOutput,
        head_bucket: HeadBucketInput => HeadBucketOutput,
        head_object: HeadObjectInput => HeadObjectOutput,
        list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
        put_object: PutObjectInput => PutObjectOutput,
        upload_part: UploadPartInput => UploadPartOutput,
    }
}

impl WholeCopies {
    async fn copied(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let CopySource::Bucket { bucket, key, .. } = request.input.copy_source.clone() else {
            return Err(s3_error!(NotImplemented));
        };
        let source =
            GetObjectInput { bucket: bucket.into(), key: key.into(), ..Default::default() };
        let source = self.0.get_object(request.clone().map_input(|_| source)).await?.output;
        let request = request.map_input(|copy| PutObjectInput {
            bucket: copy.bucket,
            key: copy.key,
            content_length: source.content_length,
            body: source.body,
            ..Default::default()
        });
        let put = self.0.put_object(request).await?.output;
        let result = CopyObjectResult { e_tag: put.e_tag, ..Default::default() };
        let output = CopyObjectOutput { copy_object_result: Some(result), ..Default::default() };
        Ok(S3Response::new(output))
    }
}
